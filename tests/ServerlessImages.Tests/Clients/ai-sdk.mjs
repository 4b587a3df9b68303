// node ai-sdk.mjs PROVIDER SETTINGS MODEL PARAMETERS, where PROVIDER is openai or azure and SETTINGS are its own, such as baseURL and apiKey.
import { createAzure } from '@ai-sdk/azure'
import { createOpenAI } from '@ai-sdk/openai'
import { APICallError, generateImage, RetryError } from 'ai'
import { countingFetch, report, seen } from './shared.mjs'

const providers = { openai: createOpenAI, azure: createAzure }
const [provider, settings, model, parameters] = process.argv.slice(2)
const { fetch, requests } = countingFetch()
const image = providers[provider]({ ...JSON.parse(settings), fetch }).image(model)

async function generate() {
  const { images, usage, responses } = await generateImage({ model: image, ...JSON.parse(parameters) })
  return {
    answer: { usage, headers: responses.map(response => response.headers) },
    images: images.map(each => seen(each.uint8Array))
  }
}

function described(error) {
  const last = RetryError.isInstance(error) ? error.lastError : error
  if (!APICallError.isInstance(last)) return null
  const { code, type, param } = last.data?.error ?? {}
  return { error: { class: error.name, status: last.statusCode ?? null, code, type, param }, request_id: last.responseHeaders?.['x-request-id'] }
}

await report(requests, generate, described)
