// The work of benchmarks/arvo.py with the TypeScript packages. Prints medians in microseconds as JSON.
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(join(process.cwd(), 'x.js'));
const { ArvoOrchestrationSubject, createArvoEvent, createArvoEventFactory,
  createArvoOrchestratorContract, createArvoOrchestratorEventFactory, createSimpleArvoContract } = require('arvo-core');

const ROUNDS = 15;
const ROUND_MS = 100;

const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];

async function measure(work, steps = 1) {
  for (let warm = 0; warm < 5000; warm += 1) await work();
  const started = performance.now();
  await work();
  const calls = Math.max(1, Math.floor(ROUND_MS / Math.max(performance.now() - started, 0.001)));
  const rounds = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const begin = performance.now();
    for (let call = 0; call < calls; call += 1) await work();
    rounds.push((performance.now() - begin) / calls);
  }
  return (median(rounds) * 1000) / steps;
}

const subject = ArvoOrchestrationSubject.create({
  orchestrator: { name: 'arvo.orc.bench', version: '1.0.0' },
  execution: { id: 'f7a1c0de-0000-4000-8000-000000000000', initiator: 'com.web.shop', domain: null },
  meta: {},
});

const create = () =>
  createArvoEvent({
    type: 'com.order.create',
    source: 'com.web.shop',
    subject,
    data: { number: 7, items: ['a', 'b'], address: { city: 'Ulm' } },
  });

async function measureExecute() {
  const { SimpleMachineMemory, createArvoOrchestrator, setupArvoMachine } = require('arvo-event-handler');
  const { assign, emit } = require('xstate');
  const { z } = require('zod');
  const flow = createArvoOrchestratorContract({
    uri: '#/bench/flow',
    name: 'bench',
    versions: { '1.0.0': { init: z.object({ key: z.string() }), complete: z.object({ value: z.number() }) } },
  }).version('1.0.0');
  const service = createSimpleArvoContract({
    uri: '#/bench/read',
    type: 'value.read',
    versions: { '1.0.0': { accepts: z.object({ key: z.string() }), emits: z.object({ value: z.number() }) } },
  }).version('1.0.0');
  const ask = emit(({ context }) => ({ type: 'com.value.read', data: { key: context.key } }));
  const take = assign({ total: ({ context, event }) => context.total + event.data.value });
  const machine = setupArvoMachine({ contracts: { self: flow, services: { read: service } } }).createMachine({
    id: 'bench',
    context: ({ input }) => ({ key: input.data.key, total: 0 }),
    initial: 'first',
    output: ({ context }) => ({ value: context.total }),
    states: {
      first: { entry: [ask], on: { 'evt.value.read.success': { target: 'second', actions: [take] } } },
      second: { entry: [ask], on: { 'evt.value.read.success': { target: 'done', actions: [take] } } },
      done: { type: 'final' },
    },
  });
  const memory = new SimpleMachineMemory();
  const orchestrator = createArvoOrchestrator({ memory, executionunits: 1, machines: [machine] });
  const init = createArvoOrchestratorEventFactory(flow).init({
    source: 'com.web.shop', subject, data: { key: 'a', parentSubject$$: null },
  });
  const answers = [1, 2].map((value) =>
    createArvoEventFactory(service).emits({
      type: 'evt.value.read.success', source: 'com.value.read', subject, data: { value },
    }));
  return measure(async () => {
    await orchestrator.execute(init, { inheritFrom: 'EVENT' });
    for (const answer of answers) await orchestrator.execute(answer, { inheritFrom: 'EVENT' });
    memory.clear();
  }, 3);
}

const figures = {
  create_arvo_event: await measure(create),
  'subject parse': await measure(() => ArvoOrchestrationSubject.parse(subject)),
};
try {
  figures['execute, per step'] = await measureExecute();
} catch (error) {
  console.error(`No figure for execute: ${error.message}`);
}
console.log(JSON.stringify(figures));
