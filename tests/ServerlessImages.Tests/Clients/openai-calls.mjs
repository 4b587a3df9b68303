import OpenAI from 'openai'
import { report, seen } from './shared.mjs'

const fromBase64 = text => seen(Buffer.from(text, 'base64'))

/** One `images.generate`, with exactly the parameters that the test names, on either of the package's clients. */
export function generate(client, parameters, requests) {
  const call = parameters.stream ? streamed : plain
  return report(requests, () => call(client, parameters), described)
}

async function plain(client, parameters) {
  const result = await client.images.generate(parameters)
  const { data, ...answer } = result
  return { answer, request_id: result._request_id, images: data.map(image => fromBase64(image.b64_json)) }
}

async function streamed(client, parameters) {
  const events = []
  for await (const { b64_json, ...event } of await client.images.generate(parameters)) events.push({ ...event, image: fromBase64(b64_json) })
  return { events }
}

function described(error) {
  if (!(error instanceof OpenAI.APIError)) return null
  const { status, code, type, param, requestID } = error
  return { error: { class: error.constructor.name, status: status ?? null, code, type, param }, request_id: requestID }
}
