// openai_client.mjs: the official JavaScript client against SKY_URL; prints "all checks passed".
import assert from "node:assert/strict";
import OpenAI from "openai";

const client = new OpenAI({
  baseURL: `${process.env.SKY_URL}/v1`,
  apiKey: process.env.SKY_TOKEN,
  maxRetries: 0,
});
const messages = [{ role: "user", content: "Say hello." }];
const options = { model: "skyai-standard", max_tokens: 8, temperature: 0.2, messages };

const models = await client.models.list();
assert(models.data.some((model) => model.id === "skyai-standard"));

const whole = await client.chat.completions.create(options);
assert(whole.choices[0].message.content.length > 0);
assert(whole.usage.completion_tokens <= 8);

let text = "";
const stream = await client.chat.completions.create({ ...options, stream: true });
for await (const chunk of stream) text += chunk.choices[0]?.delta?.content ?? "";
assert(text.length > 0);

const embedded = await client.embeddings.create({ model: "skyai-embed", input: "one" });
assert.equal(embedded.data[0].embedding.length, 384);

await assert.rejects(
  client.chat.completions.create({ ...options, model: "no-such-model" }),
  OpenAI.NotFoundError,
);
console.log("all checks passed");
