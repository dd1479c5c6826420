import tseslint from 'typescript-eslint';

// strictTypeChecked, with the few exceptions that typed-array code and node's own types ask for.
export default tseslint.config(
  { ignores: ['node_modules', 'src/contract/gen', 'coverage', '.venv', '.nightjar', '**/*.cjs', 'eslint.config.js'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: 'error',
      'no-console': 'error',
      'prefer-const': ['error', { destructuring: 'all' }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      // Indexed access is not checked for undefined (noUncheckedIndexedAccess is off, so that typed arrays give
      // numbers); a test for undefined after one is needed, and looks unneeded to this rule.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      // `x !== x` is the fastest test for NaN, `void promise` the sign of a promise that is watched elsewhere.
      'no-self-compare': 'off',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrorsIgnorePattern: '^_' }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'src/config.ts is the only reader of the environment.' },
      ],
    },
  },
  {
    // A fastify handler or an interface of promises may be async without awaiting.
    files: ['query/**/*.ts', 'ingest/**/*.ts', 'src/store/**/*.ts', 'test/**/*.ts', 'src/main.ts'],
    rules: { '@typescript-eslint/require-await': 'off' },
  },
  {
    files: ['src/config.ts', 'vitest.config.ts', 'scripts/**/*.ts', 'bench/**/*.ts', 'loadtest/**/*.ts', 'test/**/*.ts', 'sim/**/*.ts'],
    rules: { 'no-restricted-properties': 'off' },
  },
  {
    files: ['src/cli/**/*.ts', 'scripts/**/*.ts', 'bench/**/*.ts', 'loadtest/**/*.ts', 'test/**/*.ts'],
    rules: { 'no-console': 'off' },
  },
  {
    // The wire and the tests look into values of unknown shape; a test fails by itself when one is missing.
    files: ['test/**/*.ts', 'bench/**/*.ts', 'loadtest/**/*.ts'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      // helpers that a test gets as an object
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
);
