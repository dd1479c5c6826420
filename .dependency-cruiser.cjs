// The arrows of the architecture, lowest first; a layer may import itself and what stands before it:
// errors < sky < model < store < workers < contract < ingest | query < main.

const LAYERS = ['^src/errors\\.ts$', '^src/sky/', '^src/model/', '^src/store/', '^src/workers/', '^src/contract/'];
const FACES = ['^ingest/', '^query/'];
const MAIN = ['^src/(main|config|log|metrics|restDeps)\\.ts$', '^src/(cli|threads)/'];
const ABOVE_ALL = ['^(loadtest|bench|scripts|test|sim|examples)/'];
const upward = LAYERS.map((layer, i) => ({
  name: `no-import-upward-from-${layer.replace(/[^a-z]/g, '')}`,
  comment: 'Arrows point down (docs/adr/0001-layers.md)',
  severity: 'error',
  from: { path: layer },
  to: { path: [...LAYERS.slice(i + 1), ...FACES, ...MAIN, ...ABOVE_ALL] },
}));

const only = (name, packages, allowed) => ({
  name: `only-${name}`,
  severity: 'error',
  from: { pathNot: [...allowed, ...ABOVE_ALL, '^node_modules'] },
  to: { path: packages.map((it) => `node_modules/${it}/`) },
});

module.exports = {
  forbidden: [
    ...upward,
    { name: 'faces-below-main', severity: 'error', from: { path: FACES }, to: { path: [...MAIN, ...ABOVE_ALL] } },
    { name: 'ingest-knows-no-query', severity: 'error', from: { path: '^ingest/' }, to: { path: '^query/' } },
    { name: 'query-knows-no-ingest', severity: 'error', from: { path: '^query/' }, to: { path: '^ingest/' } },
    {
      name: 'stores-know-no-other-store',
      severity: 'error',
      from: { path: '^src/store/(memory|redis|tile38)/' },
      to: { path: '^src/store/(memory|redis|tile38)/', pathNot: '^src/store/$1/' },
    },
    {
      name: 'sky-and-model-do-no-io',
      severity: 'error',
      from: { path: ['^src/sky/', '^src/model/', '^src/errors\\.ts$'] },
      to: { dependencyTypes: ['core', 'npm', 'npm-dev'] },
    },
    { name: 'nothing-imports-tools', severity: 'error', from: { pathNot: ABOVE_ALL }, to: { path: ABOVE_ALL } },
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } } },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    only('stores-know-ioredis', ['ioredis'], ['^src/store/(redis|tile38)/', '^src/store/redisClient\\.ts$']),
    only('workers-know-piscina', ['piscina'], ['^src/workers/']),
    only('faces-know-servers', ['fastify', '@fastify', '@grpc', 'protobufjs', 'grpc-health-check'], ['^src/contract/', ...FACES, ...MAIN]),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: ['^src/contract/gen/.*\\.d\\.ts$'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.json', '.mjs', '.cjs'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
    },
  },
};
