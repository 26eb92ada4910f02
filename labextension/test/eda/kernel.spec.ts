import type { Kernel } from '@jupyterlab/services';
import { Signal } from '@lumino/signaling';

import { KernelFrames } from '../../src/eda/kernel';
import { frame } from './fixtures';

interface IAsked {
  user_expressions: { orrery: string };
  silent: boolean;
}

/** A kernel that says what it is told to. */
class FakeKernel {
  readonly statusChanged = new Signal<this, Kernel.Status>(this);
  readonly asked: IAsked[] = [];
  readonly clones: FakeKernel[] = [];
  status: Kernel.Status = 'idle';
  supportsSubshells = true;
  subshellId: string | null = null;
  isDisposed = false;
  language = 'python';
  subshells = 0;
  /** The content of every reply, or a promise that is never kept. */
  reply: object | Promise<never> = says([]);

  get info() {
    return Promise.resolve({ language_info: { name: this.language } });
  }

  clone(): FakeKernel {
    const other = new FakeKernel();
    other.reply = this.reply;
    this.clones.push(other);
    return other;
  }

  requestCreateSubshell() {
    this.subshells += 1;
    const content = { status: 'ok', subshell_id: `s${this.subshells}` };
    return { done: Promise.resolve({ content }) };
  }

  requestExecute(content: IAsked) {
    this.asked.push(content);
    return {
      msg: { header: { msg_id: `m${this.asked.length}` } },
      done: Promise.resolve(this.reply).then(reply => ({ content: reply })),
      dispose: () => undefined
    };
  }

  dispose(): void {
    this.isDisposed = true;
  }

  become(status: Kernel.Status): void {
    this.status = status;
    this.statusChanged.emit(status);
  }
}

/** What Python's `repr` of a JSON text looks like. */
function says(value: unknown): object {
  const json = JSON.stringify(value).replace(/\\/g, '\\\\').replace(/'/g, "\\'");
  return {
    status: 'ok',
    user_expressions: { orrery: { status: 'ok', data: { 'text/plain': `'${json}'` } } }
  };
}

function fails(ename: string, evalue: string): object {
  return {
    status: 'ok',
    user_expressions: { orrery: { status: 'error', ename, evalue } }
  };
}

const forever = new Promise<never>(() => undefined);
let kernel: FakeKernel;
let frames: KernelFrames;

beforeEach(() => {
  kernel = new FakeKernel();
  frames = new KernelFrames(kernel as unknown as Kernel.IKernelConnection);
});

describe('the dataframes of a kernel', () => {
  it('are asked for beside its work, silently, the latest first', async () => {
    kernel.status = 'busy';
    kernel.reply = says([frame('df'), frame("o'hara\\é"), { name: 'bad' }, 'worse']);
    expect((await frames.list())?.map(one => one.name)).toEqual(["o'hara\\é", 'df']);
    expect(kernel.asked).toEqual([]);
    const [side] = kernel.clones;
    expect(side.subshellId).toBe('s1');
    expect(side.asked[0]).toMatchObject({ silent: true, store_history: false });
    expect(side.asked[0].user_expressions.orrery).toContain(
      'orrery_kernels.eda.frames'
    );
    await frames.list();
    expect(kernel.subshells).toBe(1);
  });

  it('are asked of the kernel itself where it can do but one thing, when it is idle', async () => {
    kernel.supportsSubshells = false;
    kernel.reply = says([frame('df')]);
    expect(await frames.list()).toHaveLength(1);
    expect(frames.lastRequest).toBe('m1');
    kernel.status = 'busy';
    expect(await frames.list()).toBeNull();
    expect(kernel.asked).toHaveLength(1);
  });

  it.each([
    ['it is no Python', 'R', says([])],
    ['it fails', 'python', { status: 'error' }],
    ['it has no Orrery', 'python', fails('ModuleNotFoundError', 'No module')],
    ['it cannot say', 'python', fails('ValueError', 'What?')],
    ['it says what is no list', 'python', says({ df: 1 })],
    [
      'it says what is no JSON',
      'python',
      {
        status: 'ok',
        user_expressions: { orrery: { status: 'ok', data: { 'text/plain': "'[['" } } }
      }
    ]
  ])('are not known when %s', async (_, language, reply) => {
    kernel.language = language;
    kernel.reply = reply;
    expect(await frames.list()).toBeNull();
  });

  it('are not known when the kernel does not answer within the limit', async () => {
    jest.useFakeTimers();
    kernel.reply = forever;
    const answer = frames.list();
    await jest.advanceTimersByTimeAsync(3_100);
    expect(await answer).toBeNull();
    jest.useRealTimers();
  });

  it('are asked in a new subshell after a restart', async () => {
    await frames.list();
    const [old] = kernel.clones;
    kernel.become('restarting');
    await Promise.resolve();
    expect(old.isDisposed).toBe(true);
    // The process that it ran in is gone, so that nobody can be asked to end it.
    expect(old.subshellId).toBeNull();
    await frames.list();
    expect(kernel.clones[1].subshellId).toBe('s2');
  });

  it('end with their subshell', async () => {
    await frames.list();
    frames.dispose();
    await Promise.resolve();
    expect(kernel.clones[0].isDisposed).toBe(true);
    expect(kernel.clones[0].subshellId).toBe('s1');
    expect(await frames.list()).toBeNull();
  });
});

describe('handing over', () => {
  it('names the dataframe as data, and tells where it is', async () => {
    kernel.reply = says({ id: 'a'.repeat(32), rows: 10 });
    expect(await frames.handOver('d"f')).toEqual({ id: 'a'.repeat(32), rows: 10 });
    expect(kernel.clones[0].asked[0].user_expressions.orrery).toContain(
      'hand_over("d\\"f")'
    );
  });

  it('is not done by a kernel that cannot', async () => {
    kernel.reply = fails('ModuleNotFoundError', 'No module named orrery_kernels');
    expect(await frames.handOver('df')).toBeNull();
    kernel.language = 'R';
    expect(await frames.handOver('df')).toBeNull();
  });

  it('says what the kernel says is wrong', async () => {
    kernel.reply = fails('StorageFull', 'There is no room for df');
    await expect(frames.handOver('df')).rejects.toThrow('There is no room for df');
  });
});
