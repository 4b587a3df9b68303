import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { embedded, modules, operations } from './operations.mjs'

const shapes = {
  one: type => type,
  list: type => `{ object: 'list', url: string, has_more: boolean, data: Array<${type}> }`,
  search: type => `{ object: 'search_result', url: string, has_more: boolean, next_page: string | null, data: Array<${type}> }`,
  v2list: type => `{ data: Array<${type}>, next_page_url: string | null, previous_page_url: string | null }`,
}

/** The schemas of all calls, made once from the types in `folder`/node_modules and kept beside them. */
export function contractSchema(folder) {
  const sources = ['operations.mjs', 'schema.mjs'].map(name => readFileSync(join(dirname(fileURLToPath(import.meta.url)), name)))
  const file = join(folder, `schema-${createHash('sha256').update(Buffer.concat(sources)).digest('hex').slice(0, 16)}.json`)
  if (!existsSync(file)) {
    // Several test processes may do this at once, and none may read the half of a file.
    const unfinished = `${file}.${process.pid}`
    writeFileSync(unfinished, JSON.stringify(reachable(strict(generated(folder, `types-${process.pid}`)))))
    renameSync(unfinished, file)
  }
  return JSON.parse(readFileSync(file))
}

function generated(folder, name) {
  const { createGenerator, ExposeNodeParser } = createRequire(join(folder, 'package.json'))('ts-json-schema-generator')

  // Two modules of Stripe's may have a type of the same name, such as Card.
  const plain = ExposeNodeParser.prototype.getDefinitionName
  ExposeNodeParser.prototype.getDefinitionName = function (node, context) {
    const [, module] = node.getSourceFile().fileName.match(/\/stripe\/esm\/(.*)\.d\.ts$/) ?? []
    return (module ? `${module}:` : '') + plain.call(this, node, context)
  }
  mkdirSync(join(folder, name), { recursive: true })
  const path = join(folder, name, 'contract.ts')
  const tsconfig = join(folder, name, 'tsconfig.json')
  writeFileSync(path, typescript())
  writeFileSync(tsconfig, JSON.stringify({ compilerOptions: { module: 'esnext', moduleResolution: 'bundler', target: 'es2022', strict: true, skipLibCheck: true, noEmit: true, types: [] }, files: ['contract.ts'] }))
  try {
    return createGenerator({ path, tsconfig, type: 'Contract', skipTypeCheck: true, additionalProperties: false, expose: 'all', jsDoc: 'none' }).createSchema('Contract')
  } finally {
    rmSync(join(folder, name), { recursive: true })
  }
}

function typescript() {
  const imports = Object.entries(modules).map(([name, file]) => `import type * as ${name} from '../node_modules/stripe/esm/resources/${file}.js'`)
  const fields = operations.flatMap(({ request, shape, answer }, index) => [`  request_${index}: ${request ?? '{}'}`, `  answer_${index}: ${shapes[shape](answer)}`])
  return [...imports, 'export interface Contract {', ...fields, '}', ''].join('\n')
}

/** Closes the enums that the types leave open for words of the future, takes decimals as Stripe sends them, as text, and leaves an event's object to its own type. */
function strict(schema) {
  const emulated = new Set([...operations.flatMap(({ answer }) => answer.split(' | ')), ...embedded].map(type => type.replace(/^\w+/, name => `resources/${modules[name]}`).replace('.', ':')))
  for (const [name, definition] of Object.entries(schema.definitions)) {
    if (name === 'shared:OtherString') schema.definitions[name] = { not: {} }
    if (name === 'resources/Events:Event.Data.Object') schema.definitions[name] = {}
    if (/(^|:)Decimal$/.test(name)) schema.definitions[name] = { type: 'string', pattern: '^-?[0-9]+([.][0-9]{1,12})?$' }

    // Nearly all of Stripe's objects could be shown inside of ours; those that the emulator does not have never are.
    if (definition.properties?.object?.const && name.startsWith('resources/') && !emulated.has(name)) schema.definitions[name] = { not: {} }
  }
  return schema
}

/** Only what the contract refers to. */
function reachable(schema) {
  const kept = {}
  const waiting = ['Contract']
  while (waiting.length > 0) {
    const name = waiting.pop()
    if (kept[name]) continue
    kept[name] = schema.definitions[name]
    for (const [, reference] of JSON.stringify(kept[name]).matchAll(/"#\/definitions\/([^"]+)"/g)) waiting.push(decodeURIComponent(reference))
  }
  return { ...schema, definitions: kept }
}
