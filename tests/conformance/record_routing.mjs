// Records what arvo-event-handler 2.2.13 does with routers and multi handlers: reads one case per line, writes it with
// `expect`. How to install the packages, and what a line says: vectors/routing/README.md.
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { join } from 'node:path';

const require = createRequire(join(process.cwd(), 'x.js'));
const core = require('arvo-core');
const arvo = require('arvo-event-handler');
const otel = require('@opentelemetry/api');
const sdk = require('@opentelemetry/sdk-trace-node');
const { z } = require('zod');

// Payload schemas

const named = {
  string: () => z.string(), number: () => z.number(), integer: () => z.number().int(), boolean: () => z.boolean(),
  any: () => z.any(),
};

function schema(spec) {
  if (typeof spec === 'string') {
    const made = named[spec.replace('?', '')]();
    return spec.endsWith('?') ? made.optional() : made;
  }
  return z.object(Object.fromEntries(Object.entries(spec.fields).map(([key, one]) => [key, schema(one)])));
}

function contract({ uri, type, versions }) {
  const built = ([number, { accepts, emits }]) => {
    const schemas = Object.entries(emits).map(([key, one]) => [key, schema(one)]);
    return [number, { accepts: schema(accepts), emits: Object.fromEntries(schemas) }];
  };
  return core.createArvoContract({ uri, type, versions: Object.fromEntries(Object.entries(versions).map(built)) });
}

// What the functions of handlers do

const read = (value, path) =>
  path.split('.').filter(Boolean).reduce((inner, key) => (inner === null ? undefined : inner?.[key]), value);

function evaluate(given, scope) {
  if (Array.isArray(given)) return given.map((one) => evaluate(one, scope) ?? null);
  if (given === null || typeof given !== 'object') return given;
  const keys = Object.keys(given);
  if (keys.length === 1 && keys[0].startsWith('$')) {
    const name = keys[0].slice(1);
    if (name in scope) return read(scope[name], given[keys[0]]);
    if (name === 'lit') return given.$lit;
    const values = given[keys[0]].map((one) => evaluate(one, scope));
    if (name === 'eq') return values[0] === values[1];
    if (name === 'add') return values.reduce((sum, value) => sum + value);
    throw new Error(`unknown operation ${name}`);
  }
  const members = Object.entries(given).map(([key, one]) => [key, evaluate(one, scope)]);
  return Object.fromEntries(members.filter(([, value]) => value !== undefined));
}

const violations = {
  ConfigViolation: arvo.ConfigViolation, ContractViolation: arvo.ContractViolation,
  ExecutionViolation: arvo.ExecutionViolation,
};

const acting = (rules, version) => async ({ event, source }) => {
  const scope = { event, source, version };
  const rule = rules.find(({ when = true }) => evaluate(when, scope)) ?? {};
  if (rule.throw) throw Object.assign(new Error(evaluate(rule.throw.message, scope)), { name: rule.throw.name ?? 'Error' });
  if (rule.throwViolation) throw new violations[rule.throwViolation.kind](rule.throwViolation.message);
  return evaluate(rule.return, scope);
};

function build(name, line, contracts, nodes) {
  const { kind, source, executionunits, ...spec } = line.nodes[name];
  if (kind === 'multi') return arvo.createMultiArvoEventHandler({ source, executionunits, handler: acting(spec.rules) });
  if (kind === 'router') {
    const handlers = spec.handlers.map((one) => nodes[one]);
    return arvo.createArvoEventRouter({ source, executionunits, handlers });
  }
  const handler = Object.entries(spec.handler).map(([version, rules]) => [version, acting(rules, version)]);
  const its = contracts[spec.contract];
  return arvo.createArvoEventHandler({ contract: its, executionunits, handler: Object.fromEntries(handler) });
}

// What is written down: generated values become placeholders, numbered in each line

class Names {
  constructor() {
    this.known = new Map();
    this.counts = {};
  }

  of(kind, value) {
    const key = `${kind}:${value}`;
    if (!this.known.has(key)) {
      this.counts[kind] = (this.counts[kind] ?? 0) + 1;
      this.known.set(key, `<${kind}:${this.counts[kind]}>`);
    }
    return this.known.get(key);
  }

  plain(value, key = '') {
    if (Array.isArray(value)) return value.map((one) => this.plain(one));
    if (value !== null && typeof value === 'object') {
      return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, this.plain(one, name)]));
    }
    if (typeof value !== 'string') return value;
    if (key === 'errorStack') return '<stack>';
    if (key === 'traceparent') return this.trace(value);
    if (Math.abs(Date.parse(value) - Date.now()) < 60_000) return '<time>';
    return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value) ? this.of('uuid', value) : value;
  }

  trace(header) {
    const [, trace, span, flags] = header.split('-');
    return { $traceparent: { trace: this.of('trace', trace), span: this.of('span', span), flags } };
  }
}

// Spans

const seen = [];

function trace() {
  const processor = { onStart: (span) => seen.push(span), onEnd() {}, forceFlush: async () => {}, shutdown: async () => {} };
  new sdk.NodeTracerProvider({ spanProcessors: [processor] }).register();
}

const kinds = ['INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'];
const statuses = ['UNSET', 'OK', 'ERROR'];

function view(span, names) {
  const { traceId, spanId } = span.spanContext();
  const event = ({ name, attributes }) =>
    name.includes('exception') ? { name, type: attributes['exception.type'] } : { log: attributes['log.severity'] ?? name };
  return {
    name: span.name, kind: kinds[span.kind], status: statuses[span.status.code],
    trace: names.of('trace', traceId), span: names.of('span', spanId),
    parent: span.parentSpanId ? names.of('span', span.parentSpanId) : null,
    attributes: names.plain(span.attributes), events: span.events.map(event),
  };
}

// A line

const failure = (error) =>
  error.name.startsWith('ViolationError')
    ? { name: error.name, violation: error.type, message: error.message.slice(0, 260) }
    : { name: error.name, message: error.message.slice(0, 260) };

async function step({ at, event, otel: options }, line, nodes, names) {
  const { extensions, ...fields } = event.create;
  const input = event.create.to === null
    ? new core.ArvoEvent({ specversion: '1.0', time: '2024-01-01T00:00:00.000+00:00', dataschema: null, accesscontrol: null,
      redirectto: null, executionunits: null, traceparent: null, tracestate: null, ...fields }, fields.data, extensions)
    : core.createArvoEvent(fields, extensions, { disable: true });
  const expect = { input: names.plain(input.toJSON()) };
  seen.length = 0;
  const execute = () => nodes[at].execute(input, options);
  try {
    const outside = line.insideSpan && otel.trace.getTracer('caller');
    const events = outside
      ? await outside.startActiveSpan(line.insideSpan, (span) => execute().finally(() => span.end()))
      : await execute();
    expect.events = events.map((one) => names.plain(one.toJSON()));
  } catch (error) {
    expect.error = failure(error);
  }
  if (line.traced) {
    expect.spans = seen.filter(({ name }) => name !== line.insideSpan).map((span) => view(span, names));
  }
  return expect;
}

async function record({ expect: _, ...line }) {
  const names = new Names();
  const contracts = Object.fromEntries(Object.entries(line.contracts).map(([name, spec]) => [name, contract(spec)]));
  const nodes = {};
  const expected = {};
  for (const name of Object.keys(line.nodes)) {
    try {
      nodes[name] = build(name, line, contracts, nodes);
      expected[name] = { source: nodes[name].source, systemErrorType: nodes[name].systemErrorSchema?.type };
    } catch (error) {
      expected[name] = { error: failure(error) };
      return { ...line, expect: { nodes: expected, steps: [] } };
    }
  }
  const steps = [];
  for (const one of line.steps) steps.push(await step(one, line, nodes, names));
  return { ...line, expect: { nodes: expected, steps } };
}

// The packages print what they catch.
for (const level of ['log', 'info', 'warn', 'error', 'debug']) console[level] = () => {};
const write = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

const lines = [];
for await (const text of createInterface({ input: process.stdin })) if (text.trim()) lines.push(JSON.parse(text));
for (const line of lines.filter(({ traced }) => !traced)) write(await record(line));
trace();
for (const line of lines.filter(({ traced }) => traced)) write(await record(line));
