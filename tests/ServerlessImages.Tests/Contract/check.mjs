// node check.mjs FOLDER EXCHANGES: holds calls and their answers, a line of JSON each, to Stripe's types, which are installed in FOLDER. Prints each difference on a line.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { operations } from './operations.mjs'
import { contractSchema } from './schema.mjs'

const [folder, exchanges] = process.argv.slice(2)
const { Ajv } = createRequire(join(folder, 'package.json'))('ajv')
const schema = contractSchema(folder)

// A form has texts only; in an answer a number is a number.
const [asked, answered] = [true, false].map(coerceTypes => new Ajv({ coerceTypes, strict: false, validateSchema: false, code: { optimize: false } }).addSchema(schema, 'stripe'))
const found = []

const plurals = Object.fromEntries(['customers', 'payment_methods', 'payment_intents', 'charges', 'refunds', 'disputes', 'products', 'prices', 'subscriptions', 'invoices', 'invoiceitems'].map(each => [each.slice(0, -1), each]))
plurals['checkout.session'] = 'sessions'
plurals['billing.meter'] = 'meters'

for (const line of readFileSync(exchanges, 'utf8').split('\n').filter(Boolean)) check(JSON.parse(line))
for (const problem of new Set(found)) console.log(problem)

function check({ method, path, fields, status, body }) {
  const index = operations.findIndex(each => each.method === method && matches(each.path, path))
  if (index < 0) return found.push(`${method} ${path}: the contract does not know this call`)
  const name = `${method} ${operations[index].path}`
  if (status === 200) {
    validate(asked, `request_${index}`, nested(fields), `${name} request`)
    validate(answered, `answer_${index}`, body, `${name} answer`)
    for (const event of Array.isArray(body.data) ? body.data : [body]) if (event.object === 'event') checkEvent(event)
  } else if (typeof body.error?.type !== 'string' || typeof body.error?.message !== 'string') found.push(`${name} error: has no type or no message`)
}

/** What an event is about has the type that a call for it answers. */
function checkEvent(event) {
  const about = event.data.object
  const index = operations.findIndex(each => each.method === 'GET' && each.path.endsWith('/:id') && each.path.split('/').at(-2) === plurals[about.object] && !event.type.endsWith('.deleted'))
  if (index >= 0) validate(answered, `answer_${index}`, about, `event ${event.type}`)
}

function validate(ajv, field, data, where) {
  const is = ajv.getSchema(`stripe#/definitions/Contract/properties/${field}`)
  if (is(data)) return
  // Of an alternative, what is wrong with the nearest to it says most.
  const [worst] = [...is.errors].sort((one, other) => other.instancePath.length - one.instancePath.length)
  found.push(`${where}${worst.instancePath}: ${worst.message}${Object.values(worst.params).length ? ' ' + JSON.stringify(worst.params) : ''}`)
}

function matches(pattern, path) {
  const [expected, actual] = [pattern.split('/'), path.split('/')]
  return expected.length === actual.length && expected.every((part, at) => part.startsWith(':') ? actual[at].includes('_') : part === actual[at])
}

/** a[b][0][c]=d is { a: { b: [{ c: d }] } }. */
function nested(fields) {
  const root = {}
  for (const [name, value] of Object.entries(fields)) {
    const keys = name.split(/[[\]]+/).filter(Boolean)
    let at = root
    keys.forEach((key, depth) => { at = at[key] ??= depth === keys.length - 1 ? value : {} })
  }
  return listed(root)
}

function listed(value) {
  if (typeof value !== 'object') return value
  const entries = Object.entries(value).map(([key, each]) => [key, listed(each)])
  return entries.length > 0 && entries.every(([key]) => /^[0-9]+$/.test(key)) ? entries.map(([, each]) => each) : Object.fromEntries(entries)
}
