import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse
} from 'node:http';
import type { AddressInfo } from 'node:net';

import { ServerConnection } from '@jupyterlab/services';

import {
  BackendUnavailable,
  Cancelled,
  Conflict,
  Forbidden,
  NetworkDown,
  OrreryError,
  SecretFound,
  TimedOut,
  Unauthenticated
} from '../../src/base/errors';
import { request } from '../../src/base/request';

type Answer = (asked: IncomingMessage, body: string, answer: ServerResponse) => void;

let server: Server;
let settings: ServerConnection.ISettings;
let respond: Answer;
const asked: {
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
  body: string;
}[] = [];

beforeAll(async () => {
  server = createServer((incoming, answer) => {
    let body = '';
    incoming.on('data', (part: Buffer) => (body += part.toString()));
    incoming.on('end', () => {
      asked.push({
        method: incoming.method ?? '',
        url: incoming.url ?? '',
        headers: incoming.headers,
        body
      });
      respond(incoming, body, answer);
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  settings = ServerConnection.makeSettings({
    baseUrl: `http://127.0.0.1:${port}/user/ada/`,
    token: 't0ken'
  });
});

beforeEach(() => {
  asked.length = 0;
  respond = json(200, { ok: true });
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise(resolve => server.close(resolve));
});

function json(status: number, body: unknown): Answer {
  return (_, __, answer) => {
    answer.writeHead(status, { 'Content-Type': 'application/json' });
    answer.end(JSON.stringify(body));
  };
}

function text(status: number, body: string): Answer {
  return (_, __, answer) => {
    answer.writeHead(status, { 'Content-Type': 'text/html' });
    answer.end(body);
  };
}

async function failure(promise: Promise<unknown>): Promise<OrreryError> {
  try {
    await promise;
  } catch (error) {
    expect(error).toBeInstanceOf(OrreryError);
    return error as OrreryError;
  }
  throw new Error('It did not fail');
}

describe('request', () => {
  it('asks below the base url, with the token, and gives what the server answers', async () => {
    const answer = await request<{ ok: boolean }>('projects', {}, settings);
    expect(answer).toEqual({ ok: true });
    expect(asked).toHaveLength(1);
    expect(asked[0].method).toBe('GET');
    expect(asked[0].url).toBe('/user/ada/orrery/projects');
    expect(asked[0].headers.authorization).toBe('token t0ken');
  });

  it('repeats a parameter for each element and leaves out what is not set', async () => {
    await request(
      'snippets',
      {
        query: {
          q: 'a b&c',
          tag: ['x', 'y'],
          language: null,
          scope: undefined,
          limit: 0
        }
      },
      settings
    );
    const { searchParams } = new URL(asked[0].url, 'http://h/');
    expect(searchParams.get('q')).toBe('a b&c');
    expect(searchParams.getAll('tag')).toEqual(['x', 'y']);
    expect(searchParams.has('language')).toBe(false);
    expect(searchParams.has('scope')).toBe(false);
    expect(searchParams.get('limit')).toBe('0');
  });

  it('sends a body as JSON', async () => {
    await request('projects', { method: 'POST', body: { name: 'Größe' } }, settings);
    expect(asked[0].method).toBe('POST');
    expect(JSON.parse(asked[0].body)).toEqual({ name: 'Größe' });
    expect(asked[0].headers['content-type']).toContain('application/json');
  });

  it('gives undefined when the server answers with nothing', async () => {
    respond = (_, __, answer) => {
      answer.writeHead(204);
      answer.end();
    };
    expect(await request('projects/x', { method: 'DELETE' }, settings)).toBeUndefined();
  });

  it.each([
    ['conflict', 409, Conflict],
    ['forbidden', 403, Forbidden],
    ['secret_found', 422, SecretFound],
    ['backend_unavailable', 503, BackendUnavailable],
    ['timed_out', 504, TimedOut]
  ])(
    'turns %s into its class with everything that the body says',
    async (code, status, Class) => {
      respond = json(status, {
        code,
        message: 'It did not work',
        reason: 'Because',
        remedy: 'Do this',
        details: { current: 3 },
        request_id: 'r1'
      });
      const error = await failure(request('snippets/x', {}, settings));
      expect(error).toBeInstanceOf(Class);
      expect(error.name).toBe(Class.name);
      expect(error).toMatchObject({
        code,
        message: 'It did not work',
        reason: 'Because',
        remedy: 'Do this',
        details: { current: 3 },
        requestId: 'r1'
      });
    }
  );

  it('says that the extension is off when the route is unknown to the server', async () => {
    respond = text(404, '<html>404</html>');
    const error = await failure(request('projects', {}, settings));
    expect(error).toBeInstanceOf(BackendUnavailable);
    expect(error.remedy).toContain('jupyter server extension list');
  });

  it('names the status of an answer that is not of our shape', async () => {
    respond = text(502, 'Bad gateway');
    const error = await failure(request('projects', {}, settings));
    expect(error.code).toBe('internal_error');
    expect(error.message).toContain('502');
  });

  it('knows a refusal although the body is not of our shape', async () => {
    respond = json(403, { message: 'XSRF cookie does not match' });
    expect(await failure(request('projects', {}, settings))).toBeInstanceOf(Forbidden);
  });

  it('takes a page for what it is: a login that ended', async () => {
    respond = text(200, '<html>Log in</html>');
    const error = await failure(request('projects', {}, settings));
    expect(error).toBeInstanceOf(Unauthenticated);
    expect(error.remedy).toContain('log in');
  });

  it('stops waiting after the time limit', async () => {
    respond = () => undefined;
    const error = await failure(request('projects', { timeoutMs: 50 }, settings));
    expect(error).toBeInstanceOf(TimedOut);
  });

  it('stops when the person cancels', async () => {
    const stop = new AbortController();
    respond = () => stop.abort();
    const error = await failure(request('projects', { signal: stop.signal }, settings));
    expect(error).toBeInstanceOf(Cancelled);
  });

  it('does not ask at all with a signal that is aborted already', async () => {
    const error = await failure(
      request('projects', { signal: AbortSignal.abort() }, settings)
    );
    expect(error).toBeInstanceOf(Cancelled);
    expect(asked).toHaveLength(0);
  });

  it('says so when nothing answers', async () => {
    const nobody = ServerConnection.makeSettings({
      ...settings,
      baseUrl: 'http://127.0.0.1:9/'
    });
    expect(await failure(request('projects', {}, nobody))).toBeInstanceOf(NetworkDown);
  });
});
