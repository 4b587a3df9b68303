// node azure-openai.mjs ENDPOINT API_KEY API_VERSION PARAMETERS
import { AzureOpenAI } from 'openai'
import { draw } from './openai-calls.mjs'
import { countingFetch } from './shared.mjs'

const [endpoint, apiKey, apiVersion, parameters] = process.argv.slice(2)
const { fetch, requests } = countingFetch()
await draw(new AzureOpenAI({ endpoint, apiKey, apiVersion, fetch }), JSON.parse(parameters), requests)
