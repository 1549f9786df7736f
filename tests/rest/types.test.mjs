// types/lgtempo.ts with supabase-js: right calls compile, and each wrong one is an error where it is said to be.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const config = fileURLToPath(new URL('../types/tsconfig.json', import.meta.url))
const DIRECTIVE = '@ts-expect-error'
// What a slip in the tests themselves would be: a name that nothing declares.
const CANNOT_FIND_NAME = [2304, 2552]

/** The program of tests/types, in which an expected error is one like any other, so that it can be looked at. */
function program() {
  const { options, fileNames } = ts.getParsedCommandLineOfConfigFile(config, {}, { ...ts.sys })
  const host = ts.createCompilerHost(options)
  const { readFile } = host
  host.readFile = (name) => readFile(name)?.replaceAll(DIRECTIVE, 'expects an error')
  return ts.createProgram(fileNames, options, host)
}

const errors = ts.getPreEmitDiagnostics(program()).map(({ file, start, code, messageText }) => ({
  file: file?.fileName.replace(/.*\//, ''),
  line: file && file.getLineAndCharacterOfPosition(start).line + 1,
  code,
  text: ts.flattenDiagnosticMessageText(messageText, '\n'),
}))

test('calls that apps make compile', () => {
  assert.deepEqual(errors.filter((error) => error.file !== 'wrong.ts'), [])
})

const lines = ts.sys.readFile(fileURLToPath(new URL('../types/wrong.ts', import.meta.url))).split('\n')
const expected = lines.flatMap((text, i) => (text.includes(DIRECTIVE) ? [{ line: i + 2, why: text.split(DIRECTIVE)[1].trim() }] : []))

for (const { line, why } of expected) {
  test(`an error: ${why} (line ${line})`, () => {
    const found = errors.filter((error) => error.file === 'wrong.ts' && error.line === line)
    assert.notDeepEqual(found, [], lines[line - 1])
    assert.deepEqual(found.filter((error) => CANNOT_FIND_NAME.includes(error.code)), [])
  })
}

test('nothing else is an error', () => {
  const told = expected.map(({ line }) => line)
  assert.deepEqual(errors.filter((error) => error.file === 'wrong.ts' && !told.includes(error.line)), [])
})
