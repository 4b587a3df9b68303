import OpenAI, { toFile } from 'openai'
import { report, seen } from './shared.mjs'

const fromBase64 = text => seen(Buffer.from(text, 'base64'))
const png = text => toFile(Buffer.from(text, 'base64'), 'picture.png', { type: 'image/png' })

/** One `images.generate`, or `images.edit` where there are images, with exactly the parameters that the test names, on either of the package's clients. */
export function draw(client, parameters, requests) {
  const send = parameters.image ? edit : generate
  const read = parameters.stream ? streamed : plain
  return report(requests, () => read(send(client, parameters)), described)
}

const generate = (client, parameters) => client.images.generate(parameters)

async function edit(client, { image, mask, ...parameters }) {
  return client.images.edit({ ...parameters, image: await Promise.all(image.map(png)), mask: await png(mask) })
}

async function plain(sent) {
  const result = await sent
  const { data, ...answer } = result
  return { answer, request_id: result._request_id, images: data.map(image => fromBase64(image.b64_json)) }
}

async function streamed(sent) {
  const events = []
  for await (const { b64_json, ...event } of await sent) events.push({ ...event, image: fromBase64(b64_json) })
  return { events }
}

function described(error) {
  if (!(error instanceof OpenAI.APIError)) return null
  const { status, code, type, param, requestID } = error
  return { error: { class: error.constructor.name, status: status ?? null, code, type, param }, request_id: requestID }
}
