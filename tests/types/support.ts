import { createClient } from '@supabase/supabase-js'
import type { Database } from '../../types/lgtempo'

export const supabase = createClient<Database>('http://localhost', 'key')

/** Whether two types are the same: what an answer is must not be `any` or wider than it should. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

/** Compiles only if the value has exactly this type: `exactly<string>()(value)`. */
export const exactly =
  <Wanted>() =>
  <Got>(_value: Got, ..._wrong: Same<Got, Wanted> extends true ? [] : [wanted: Wanted]) => {}
