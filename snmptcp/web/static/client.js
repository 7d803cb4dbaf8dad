// What this page calls itself, so that the server gives each page one walk; and the server's refusals as sentences.

export const client = `page ${crypto.getRandomValues(new Uint32Array(4)).join("-")}`;

/** The reason of a refusal. */
export async function problem(response) {
  try {
    return (await response.json()).message;
  } catch {
    return `the server answered with the status ${response.status}`;
  }
}
