import { createHash } from 'node:crypto'

// What this machine's environment says about OpenAI or Azure must not reach the clients: both read it.
for (const name of Object.keys(process.env)) if (/^(OPENAI|AZURE)_/.test(name)) delete process.env[name]

/** A fetch that remembers what it sent, retries included. */
export function countingFetch() {
  const requests = []
  const fetchAndCount = (url, init) => {
    // The package openai asks what a FormData is by fetching an empty data URL.
    if (!String(url).startsWith('data:')) requests.push({ url: String(url), body: typeof init?.body === 'string' ? JSON.parse(init.body) : null })
    return fetch(url, init)
  }
  return { fetch: fetchAndCount, requests }
}

/** A PNG's length, hash, and the dimensions that its header names. */
export function seen(image) {
  const bytes = Buffer.from(image)
  const isPng = bytes.subarray(1, 4).toString('latin1') === 'PNG'
  return {
    bytes: bytes.length,
    width: isPng ? bytes.readUInt32BE(16) : null,
    height: isPng ? bytes.readUInt32BE(20) : null,
    sha256: createHash('sha256').update(bytes).digest('hex')
  }
}

/**
 * Makes one call and prints, as one line of JSON, what the client made of it.
 * @param describeError what the client's own error says, or null for any other: that one ends the script.
 */
export async function report(requests, call, describeError) {
  let outcome
  try {
    outcome = await call()
  } catch (error) {
    outcome = describeError(error)
    if (!outcome) throw error
  }
  console.log(JSON.stringify({ ...outcome, requests }))
}
