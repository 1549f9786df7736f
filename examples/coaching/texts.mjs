// The sample's texts, read and cut up in one place, so that whoever stores them and whoever embeds
// them means the same strings. `node texts.mjs` prints all that is embedded, as JSON.
import { readFileSync, readdirSync, realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const here = new URL('./', import.meta.url)
const read = (name) => readFileSync(new URL(name, here), 'utf8')

// A Markdown document: '# title' first, then one passage per '##' heading, heading line included.
function parse(key, content) {
  const [head, ...sections] = content.split(/^(?=## )/m)
  const title = head.match(/^# (.+)\n\s*$/)
  if (!title || sections.length === 0) throw new Error(`${key}: a title line and then sections are expected`)
  const passages = sections.map((section) => ({
    heading: section.match(/^## (.+)/)[1].trim(),
    content: section.trim(),
  }))
  return { key, title: title[1].trim(), content, passages }
}

export const history = JSON.parse(read('history.json'))
export const coaches = JSON.parse(read('coaches.json'))
export const voice = JSON.parse(read('voice.json'))
export const sentences = JSON.parse(read('sentences.json'))
export const documents = readdirSync(new URL('documents/', here))
  .filter((name) => name.endsWith('.md'))
  .sort()
  .map((name) => parse(name.slice(0, -'.md'.length), read(`documents/${name}`)))

// Everything that gets an embedding, in the order in which vectors.f16 holds them.
export function texts() {
  return [
    ...history.people.flatMap((person) =>
      person.nodes.map((node) => ({ key: `node/${node.id}`, text: `${node.label}. ${node.description}` }))),
    ...documents.flatMap((document) =>
      document.passages.map((passage, index) => ({ key: `passage/${document.key}/${index}`, text: passage.content }))),
    ...Object.entries(sentences).map(([name, text]) => ({ key: `sentence/${name}`, text })),
  ]
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  console.log(JSON.stringify(texts(), null, 1))
}
