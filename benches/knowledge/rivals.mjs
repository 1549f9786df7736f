// What the rivals' statements have in common.

/** A rival's statement for one base, or for all that the caller may read: then no condition stands in its way. */
export function within(base, text) {
  return base === null ? text.replaceAll('c.knowledge_base_id = $2::uuid', '$2::uuid is null') : text
}
