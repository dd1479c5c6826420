import { describe, expect, it } from 'vitest';
import { flagOf, readConfig, SETTING_LIST } from '../../../src/config.ts';
import { AppError } from '../../../src/errors.ts';

function problemOf(env: NodeJS.ProcessEnv, flags: Record<string, string> = {}): string {
  try {
    readConfig(flags, env);
  } catch (error) {
    if (error instanceof AppError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'no problem';
}

describe('the settings', () => {
  it('have the documented defaults without any environment', () => {
    expect(readConfig({}, {})).toMatchObject({
      store: 'memory',
      host: '127.0.0.1',
      httpPort: 8080,
      grpcPort: 50_051,
      durability: 'everysec',
      associationRadii: { defaultArcsec: 1, bySurveyArcsec: {} },
      queryThreads: 0,
      tile38Url: '',
    });
  });

  it('come from the environment, and a flag wins over it', () => {
    const env = { NIGHTJAR_HTTP_PORT: '9000', NIGHTJAR_GRPC_PORT: '9001' };
    expect(readConfig({ NIGHTJAR_HTTP_PORT: '0' }, env)).toMatchObject({ httpPort: 0, grpcPort: 9001 });
  });

  it('take an empty text as not given', () => {
    expect(readConfig({}, { NIGHTJAR_STORE: '', NIGHTJAR_REDIS_URL: '' })).toMatchObject({
      store: 'memory',
      redisUrl: 'redis://127.0.0.1:6379',
    });
  });

  it('name the key, the value and what is allowed when a value is bad', () => {
    expect(problemOf({ NIGHTJAR_STORE: 'postgres' })).toBe(
      'invalid_argument: NIGHTJAR_STORE is "postgres", must be one of memory, redis, tile38',
    );
    expect(problemOf({ NIGHTJAR_HTTP_PORT: '70000' })).toBe(
      'invalid_argument: NIGHTJAR_HTTP_PORT is "70000", must be a whole number from 0 to 65535',
    );
    expect(problemOf({}, { NIGHTJAR_HTTP_PORT: 'x' })).toBe('invalid_argument: --http-port is "x", must be a whole number from 0 to 65535');
  });

  it.each(['-1', '1.5', '1e3', '0x50', ' 80', '80 ', '８０', 'NaN', '99999999999999999999'])('refuse the port %j', (port) => {
    expect(problemOf({ NIGHTJAR_HTTP_PORT: port })).toContain('NIGHTJAR_HTTP_PORT is');
  });

  it('name every bad value in one message', () => {
    const message = problemOf({ NIGHTJAR_DURABILITY: 'sometimes', NIGHTJAR_LOG_LEVEL: 'loud' });
    expect(message).toContain('NIGHTJAR_DURABILITY is "sometimes", must be one of always, everysec, off');
    expect(message).toContain('NIGHTJAR_LOG_LEVEL is "loud"');
  });

  it('refuse a key that does not exist and list those that do', () => {
    const message = problemOf({ NIGHTJAR_HTP_PORT: '8081' });
    expect(message).toContain('NIGHTJAR_HTP_PORT is "8081", but there is no such setting');
    expect(message).toContain('NIGHTJAR_HTTP_PORT');
  });

  it("leave alone the keys that Kubernetes makes for a service of our name, and the tests' own", () => {
    const env = {
      NIGHTJAR_SERVICE_HOST: '10.0.0.1',
      NIGHTJAR_PORT: 'tcp://10.0.0.1:8080',
      NIGHTJAR_PORT_8080_TCP: 'tcp://10.0.0.1:8080',
      NIGHTJAR_TEST_REDIS_SERVER: 'x',
    };
    expect(problemOf(env)).toBe('no problem');
    expect(problemOf({ NIGHTJAR_PORT: '8080' })).toContain('NIGHTJAR_PORT is "8080"');
  });

  it('read association radii by survey', () => {
    const { associationRadii } = readConfig({}, { NIGHTJAR_ASSOCIATION_RADIUS_ARCSEC: '2,ZTF=1.5,LSST=0.7' });
    expect(associationRadii).toEqual({ defaultArcsec: 2, bySurveyArcsec: { ZTF: 1.5, LSST: 0.7 } });
    expect(readConfig({}, { NIGHTJAR_ASSOCIATION_RADIUS_ARCSEC: 'ZTF=1.5' }).associationRadii.defaultArcsec).toBe(1);
  });

  it.each(['x', '-1', '61', 'ZTF=', '1,2', 'ZTF=1.5,0.7', '1,,ZTF=2', 'ZTF=1e9', 'Infinity'])(
    'refuse the association radius %j',
    (radius) => {
      expect(problemOf({ NIGHTJAR_ASSOCIATION_RADIUS_ARCSEC: radius })).toContain('NIGHTJAR_ASSOCIATION_RADIUS_ARCSEC is');
    },
  );

  it.each(['redis://h:6379/2', 'rediss://u:p@h', 'unix:///run/redis.sock'])('take the Redis URL %s', (url) => {
    expect(readConfig({}, { NIGHTJAR_REDIS_URL: url }).redisUrl).toBe(url);
  });

  it.each(['h:6379', 'http://h', 'unix://', 'redis://'])('refuse the Redis URL %s', (url) => {
    expect(problemOf({ NIGHTJAR_REDIS_URL: url })).toContain('NIGHTJAR_REDIS_URL is');
  });

  it('know the usual Tile38 when it is the store', () => {
    expect(readConfig({}, { NIGHTJAR_STORE: 'tile38' }).tile38Url).toBe('redis://127.0.0.1:9851');
  });

  it('have a default that passes their own check, and one flag each', () => {
    for (const setting of SETTING_LIST) expect(setting.parse(setting.default), setting.key).toBeDefined();
    expect(new Set(SETTING_LIST.map(flagOf)).size).toBe(SETTING_LIST.length);
  });
});
