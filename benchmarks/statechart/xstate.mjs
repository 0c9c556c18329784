// XState at work on the same machines. Reads {rounds, nanoseconds, subjects}; prints per machine and path the time of
// an event and what the machine has counted after 60.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const require = createRequire(join(process.cwd(), 'x.js'));
const { assign, createActor, createMachine, emit } = require('xstate');

const { rounds, nanoseconds, checked, subjects } = JSON.parse(readFileSync(0, 'utf8'));

const implementations = {
  actions: {
    count: assign({ n: ({ context }) => context.n + 1 }),
    tell: emit(({ context }) => ({ type: 'told', n: context.n })),
  },
  guards: { even: ({ context }) => context.n % 2 === 0 },
};

function cycle(events) {
  let position = 0;
  return () => events[position++ % events.length];
}

const paths = {
  live(machine, next) {
    const actor = createActor(machine);
    actor.on('*', () => {});
    actor.start();
    return (count) => {
      for (let i = 0; i < count; i += 1) actor.send(next());
      return actor.getSnapshot().context.n;
    };
  },

  restored(machine, next) {
    let snapshot = createActor(machine).start().getPersistedSnapshot();
    return (count) => {
      for (let i = 0; i < count; i += 1) snapshot = step(machine, snapshot, next());
      return snapshot.context.n;
    };
  },

  text(machine, next) {
    let text = JSON.stringify(createActor(machine).start().getPersistedSnapshot());
    return (count) => {
      for (let i = 0; i < count; i += 1) text = JSON.stringify(step(machine, JSON.parse(text), next()));
      return JSON.parse(text).context.n;
    };
  },
};

function step(machine, snapshot, event) {
  const actor = createActor(machine, { snapshot });
  actor.on('*', () => {});
  actor.start();
  actor.send(event);
  return actor.getPersistedSnapshot();
}

function fastest(work, turn) {
  work(20000);
  let begin = performance.now();
  work(200);
  const took = ((performance.now() - begin) * 1e6) / 200;
  const count = turn * Math.max(1, Math.round(nanoseconds / took / turn));
  let best = Infinity;
  for (let round = 0; round < rounds; round += 1) {
    begin = performance.now();
    work(count);
    best = Math.min(best, ((performance.now() - begin) * 1e6) / count);
  }
  return best;
}

const result = {};
for (const { key, config, events } of subjects) {
  const machine = createMachine(config, implementations);
  const sent = events.map((type) => ({ type }));
  result[key] = {};
  for (const [path, prepare] of Object.entries(paths)) {
    const counted = prepare(machine, cycle(sent))(checked);
    result[key][path] = { nanoseconds: fastest(prepare(machine, cycle(sent)), sent.length), counted };
  }
}
console.log(JSON.stringify(result));
