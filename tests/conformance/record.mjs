// Records what XState does: reads one case per line without `expect`, writes it with `expect` per step, as the vectors
// have it; with `graph`, options of `xstate/graph`, it gets the shortest paths instead. A case ends early where XState
// fails, never comes to rest, or corrupts its list of active states.
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { join } from 'node:path';

const require = createRequire(join(process.cwd(), 'x.js'));
const xstate = require('xstate');

const ENDLESS = 60;

const walk = (value, path) => {
  for (const part of path === '' ? [] : path.split('.')) {
    value = value !== null && typeof value === 'object' && Object.hasOwn(value, part) ? value[part] : null;
  }
  return value ?? null;
};

const fill = (value, sources) => {
  if (Array.isArray(value)) return value.map((one) => fill(one, sources));
  if (value === null || typeof value !== 'object') return value;
  const keys = Object.keys(value);
  if (keys.length === 1 && keys[0] in sources) {
    return keys[0] === '$ctx' ? (sources.$ctx[value.$ctx] ?? null) : walk(sources[keys[0]], value[keys[0]]);
  }
  return Object.fromEntries(keys.map((key) => [key, fill(value[key], sources)]));
};

const built = ({ type, data, fromContext }) => ({ context }) => {
  if (data === undefined && fromContext === undefined) return { type };
  const read = Object.entries(fromContext ?? {}).map(([field, key]) => [field, context[key] ?? null]);
  return { type, data: { ...data, ...Object.fromEntries(read) } };
};

const log = ({ label, event: sent, ctx, path }) =>
  xstate.assign(({ context, event }) => {
    let text = label;
    if (sent) text += `:${event.type}`;
    if (ctx !== undefined) text += `=${JSON.stringify(context[ctx] ?? null)}`;
    if (path !== undefined) text += `@${JSON.stringify(walk(event, path))}`;
    return { log: [...(context.log ?? []), text] };
  });

function action(op) {
  if (typeof op === 'string') return log({ label: op });
  const params = op.params ?? {};
  switch (op.type) {
    case 'log':
      return log(params);
    case 'set':
      return xstate.assign({ [params.key]: () => params.value });
    case 'inc':
      return xstate.assign({ [params.key]: ({ context }) => (context[params.key] ?? 0) + params.by });
    case 'copyEvent':
      return xstate.assign({ [params.key]: ({ event }) => walk(event, params.path) });
    case 'emit':
      return xstate.emit(built(params));
    case 'raise':
      return xstate.raise(built(params), { delay: params.delay, id: params.id });
    case 'cancel':
      return xstate.cancel(params.id);
    case 'enqueue':
      return xstate.enqueueActions(({ enqueue, check }) => collect(params.ops, enqueue, check));
    case 'throw':
      return () => {
        throw new Error(params.message);
      };
    case 'throwAssign':
      return xstate.assign(() => {
        throw new Error(params.message);
      });
  }
  throw new Error(`unknown operation ${JSON.stringify(op)}`);
}

function collect(ops, enqueue, check) {
  for (const op of ops) {
    if (op.check === undefined) enqueue(action(op));
    else collect(check(guard(op.check)) ? op.then : (op.else ?? []), enqueue, check);
  }
}

function guard(op) {
  const { type, params = {} } = typeof op === 'string' ? { type: op } : op;
  switch (type) {
    case 'and':
      return xstate.and(params.guards.map(guard));
    case 'or':
      return xstate.or(params.guards.map(guard));
    case 'not':
      return xstate.not(guard(params.guard));
    case 'stateIn':
      return xstate.stateIn(params.value);
  }
  return op;
}

const ordered = (test) => ({ context }, { key, value }) => typeof context[key] === 'number' && test(context[key], value);

const guards = {
  yes: () => true,
  no: () => false,
  eq: ({ context }, { key, value }) => (context[key] ?? null) === value,
  lt: ordered((one, other) => one < other),
  gt: ordered((one, other) => one > other),
  eventEq: ({ event }, { path, value }) => walk(event, path) === value,
  throw: (_, { message }) => {
    throw new Error(message);
  },
};

const some = (value, one) => (Array.isArray(value) ? value.map(one) : one(value));

function transition(value) {
  if (value === null) return undefined;
  if (typeof value === 'string') return value;
  const made = { ...value };
  if (value.actions !== undefined) made.actions = some(value.actions, action);
  if (value.guard !== undefined) made.guard = guard(value.guard);
  return made;
}

function state(config) {
  const made = { ...config };
  const each = (one) => (values) => Object.fromEntries(Object.entries(values).map(([key, value]) => [key, one(value)]));
  const transitions = (value) => some(value, transition);
  const expression = (value) => ({ context, event }) => fill(value, { $ctx: context, $event: event });
  const changes = {
    states: each(state), on: each(transitions), after: each(transitions), always: transitions, onDone: transitions,
    entry: (value) => some(value, action), exit: (value) => some(value, action), output: expression,
    initial: (value) => (typeof value === 'string' ? value : transition(value)),
  };
  for (const [key, change] of Object.entries(changes)) if (key in config) made[key] = change(config[key]);
  return made;
}

function isLegal(nodes) {
  const active = new Set(nodes);
  return nodes.every((node) => {
    const children = Object.values(node.states).filter((child) => child.type !== 'history');
    const within = children.filter((child) => active.has(child)).length;
    const whole = node.type === 'parallel' ? within === children.length : node.type !== 'compound' || within === 1;
    return whole && (node.parent === undefined || active.has(node.parent));
  });
}

function step(machine, options, event) {
  const expect = {};
  const seen = { emitted: [], scheduled: [], cancelled: [] };
  const watch = { order: '', error: undefined, microsteps: 0, legal: true };
  const inspect = ({ type, snapshot }) => {
    if (type !== '@xstate.microstep') return;
    watch.microsteps += 1;
    watch.legal &&= isLegal(snapshot._nodes);
    if (watch.microsteps > ENDLESS) throw new Error('endless');
  };
  const actor = xstate.createActor(machine, { ...options, inspect });
  const { scheduler } = actor.system;
  scheduler.schedule = (source, target, event, delay, id) => {
    watch.order += 's';
    seen.scheduled.push({ event, delay, id: id ?? null });
  };
  scheduler.cancel = (source, id) => {
    watch.order += 'c';
    seen.cancelled.push(id);
  };
  actor.on('*', (event) => {
    watch.order += 'e';
    seen.emitted.push(event);
  });
  actor.subscribe({ error: (error) => (watch.error ??= error) });
  actor.start();
  if (event !== null) actor.send(event);
  const snapshot = actor.getSnapshot();
  const persisted = JSON.parse(JSON.stringify(actor.getPersistedSnapshot()));
  if (watch.microsteps > ENDLESS) return { expect: { diverges: true }, last: true, watch };
  Object.assign(expect, { status: persisted.status, value: persisted.value ?? null, context: persisted.context ?? null });
  if (persisted.output !== undefined) expect.output = persisted.output;
  if (persisted.status === 'error') expect.error = { message: watch.error?.message };
  const history = Object.entries(persisted.historyValue ?? {}).map(([id, nodes]) => [id, nodes.map((node) => node.id)]);
  expect.historyValue = Object.fromEntries(history);
  if (snapshot.tags) expect.tags = [...snapshot.tags].sort();
  if (snapshot.getMeta && expect.value !== null) expect.meta = JSON.parse(JSON.stringify(snapshot.getMeta()));
  Object.assign(expect, seen);
  if (new Set(watch.order).size > 1) expect.effectOrder = watch.order;
  return { expect, last: persisted.status !== 'active', persisted, watch };
}

function paths(machine, options) {
  const { getShortestPaths } = require('xstate/graph');
  try {
    return getShortestPaths(machine, options).map(({ state: { value, context }, weight }) => ({ value, context, weight }));
  } catch {
    return []; // a guard threw, or the machine is larger than the options allow
  }
}

function record(recorded) {
  const config = { ...state(recorded.config), context: recorded.context };
  let machine;
  try {
    machine = xstate.createMachine(config, { guards, delays: recorded.delays ?? {} });
  } catch (error) {
    return { ...recorded, steps: [], createError: error.message };
  }
  if (recorded.graph) return { ...recorded, paths: paths(machine, recorded.graph) };
  const steps = [];
  let persisted;
  for (const { event } of recorded.steps) {
    const taken = step(machine, persisted ? { snapshot: persisted } : { input: undefined }, event);
    if (!taken.watch.legal || (taken.watch.microsteps > ENDLESS / 2 && !taken.expect.diverges)) break;
    steps.push({ event, expect: taken.expect });
    if (taken.last) break;
    persisted = { ...taken.persisted, context: { ...taken.persisted.context, log: [] } };
  }
  return { ...recorded, steps };
}

console.warn = () => {};
for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(record(JSON.parse(line))));
}
