// node openai.mjs BASE_URL API_KEY PARAMETERS
import OpenAI from 'openai'
import { draw } from './openai-calls.mjs'
import { countingFetch } from './shared.mjs'

const [baseURL, apiKey, parameters] = process.argv.slice(2)
const { fetch, requests } = countingFetch()
await draw(new OpenAI({ baseURL, apiKey, fetch }), JSON.parse(parameters), requests)
