/* server.mjs PORT: one JSON route with Fastify, with the schema of its answer, which makes it write JSON faster. */
import fastify from 'fastify';

const text = { type: 'string' };
const number = { type: 'number' };
const integer = { type: 'integer' };
const token = {
  type: 'object',
  properties: {
    token_id: text,
    hex: text,
    canonical: text,
    sector: text,
    quadrant: integer,
    r: number,
    theta: number,
    phase: integer,
    inferred: { type: 'boolean' },
  },
};
const answer = { type: 'object', properties: { tokens: { type: 'array', items: token }, next: text } };

const app = fastify();
app.get('/json', { schema: { response: { 200: answer } } }, async () => ({
  tokens: [
    {
      token_id: 'T-00016',
      hex: '0x0010',
      canonical: 'the',
      sector: 'grammar',
      quadrant: 1,
      r: 1.0575,
      theta: 0.252,
      phase: 172262548,
      inferred: false,
    },
  ],
  next: 'T-00016',
}));
await app.listen({ host: '127.0.0.1', port: Number(process.argv[2]) });
