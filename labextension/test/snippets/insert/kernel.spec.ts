import type { Kernel } from '@jupyterlab/services';

import {
  dataframes,
  distributions,
  environment,
  installCode,
  missingModules
} from '../../../src/snippets/insert/kernel';

interface IAsked {
  code: string;
  silent?: boolean;
  store_history?: boolean;
  stop_on_error?: boolean;
  user_expressions?: Record<string, string>;
}

interface IFake {
  kernel: Kernel.IKernelConnection;
  asked: IAsked[];
  disposed: () => number;
}

interface IBehaviour {
  status?: string;
  language?: string;
  /** The reply's content; a function that never resolves stands for a kernel that hangs. */
  reply?: object | Promise<never>;
}

/** What Python's `repr` of a JSON text looks like. */
function shown(value: unknown): object {
  const json = JSON.stringify(value).replace(/\\/g, '\\\\').replace(/'/g, "\\'");
  return {
    status: 'ok',
    user_expressions: {
      orrery: { status: 'ok', data: { 'text/plain': `'${json}'` }, metadata: {} }
    }
  };
}

function fake({ status = 'idle', language = 'python', reply = {} }: IBehaviour): IFake {
  const asked: IAsked[] = [];
  let disposed = 0;
  const kernel = {
    status,
    isDisposed: false,
    info: Promise.resolve({ language_info: { name: language } }),
    requestExecute: (content: IAsked) => {
      asked.push(content);
      return {
        msg: { header: { msg_id: 'asked' } },
        done: Promise.resolve(reply).then(one => ({ content: one })),
        dispose: () => (disposed += 1)
      };
    }
  } as unknown as Kernel.IKernelConnection;
  return { kernel, asked, disposed: () => disposed };
}

const forever = new Promise<never>(() => undefined);

describe('dataframes', () => {
  it('are asked for silently, the latest first', async () => {
    const { kernel, asked, disposed } = fake({
      reply: shown([
        ['df', 'pandas'],
        ["o'hara\\é", 'polars'],
        ['bad', 'unknown'],
        'worse'
      ])
    });
    expect(await dataframes(kernel)).toEqual([
      { name: "o'hara\\é", kind: 'polars' },
      { name: 'df', kind: 'pandas' }
    ]);
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({
      code: '',
      silent: true,
      store_history: false,
      stop_on_error: false,
      allow_stdin: false
    });
    expect(disposed()).toBe(1);
  });

  it.each([
    ['there is no kernel', null],
    ['it is busy', fake({ status: 'busy', reply: shown([]) }).kernel],
    ['it is no Python', fake({ language: 'R', reply: shown([]) }).kernel],
    ['it fails', fake({ reply: { status: 'error' } }).kernel],
    ['the expression fails', fake({ reply: expressionError() }).kernel],
    ['it says what is no JSON', fake({ reply: says("'[[[' ") }).kernel],
    ['it says what is no list', fake({ reply: shown({ df: 1 }) }).kernel]
  ])('are not known when %s', async (_, kernel) => {
    expect(await dataframes(kernel)).toBeNull();
  });

  it('are not known when the kernel does not answer within the limit', async () => {
    jest.useFakeTimers();
    const { kernel, disposed } = fake({ reply: forever });
    const answer = dataframes(kernel);
    await jest.advanceTimersByTimeAsync(2000);
    expect(await answer).toBeNull();
    expect(disposed()).toBe(1);
    jest.useRealTimers();
  });
});

function expressionError(): object {
  return {
    status: 'ok',
    user_expressions: { orrery: { status: 'error', ename: 'X' } }
  };
}

function says(text: string): object {
  return {
    status: 'ok',
    user_expressions: { orrery: { status: 'ok', data: { 'text/plain': text } } }
  };
}

describe('missingModules', () => {
  it('asks for each module once, and never for what is no name', async () => {
    const { kernel, asked } = fake({ reply: shown(['polars', 'not asked for']) });
    const modules = ['polars', 'os', 'os', 'a"); bad("', 'x.y'];
    expect(await missingModules(kernel, modules)).toEqual(['polars']);
    expect(asked[0].user_expressions?.orrery).toContain('["polars","os"]');
    expect(asked[0].user_expressions?.orrery).not.toContain('bad');
  });

  it('asks nothing when there is nothing to ask', async () => {
    const { kernel, asked } = fake({});
    expect(await missingModules(kernel, [])).toEqual([]);
    expect(asked).toEqual([]);
  });

  it('does not know without a kernel', async () => {
    expect(await missingModules(undefined, ['os'])).toBeNull();
  });
});

describe('environment', () => {
  it('gives a variable, or null', async () => {
    expect(await environment(fake({ reply: shown('http://x') }).kernel, 'URI')).toBe(
      'http://x'
    );
    expect(await environment(fake({ reply: shown(null) }).kernel, 'URI')).toBeNull();
  });
});

describe('installCode', () => {
  it('names what is installed, each once', () => {
    expect(installCode(['sklearn', 'cv2', 'polars', 'sklearn', '--index-url x'])).toBe(
      '%pip install scikit-learn opencv-python-headless polars'
    );
    expect(distributions(['orrery_hub', 'orrery_server'])).toEqual(['jupyter-orrery']);
  });
});
