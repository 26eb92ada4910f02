import { Signal } from '@lumino/signaling';

import { FramesModel, type IKernelPlaces } from '../../src/eda/frames';
import { KernelFrames } from '../../src/eda/kernel';
import { frame } from './fixtures';

/** A notebook or console with a kernel. */
class Place {
  constructor(label: string) {
    this.title = { label };
  }

  readonly title: { label: string };
  isDisposed = false;
  readonly iopubMessage = new Signal<this, object>(this);
  readonly kernelChanged = new Signal<this, void>(this);
  readonly sessionContext = {
    iopubMessage: this.iopubMessage,
    kernelChanged: this.kernelChanged,
    session: {
      kernel: { statusChanged: new Signal<object, string>({}) } as object | null
    }
  };

  /** A cell has run. */
  ran(id = 'cell'): void {
    this.iopubMessage.emit({
      header: { msg_type: 'status' },
      parent_header: { msg_type: 'execute_request', msg_id: id },
      content: { execution_state: 'idle' }
    });
  }
}

class Tracker {
  constructor(readonly places: Place[]) {}
  readonly currentChanged = new Signal<this, unknown>(this);
  readonly activeCellChanged = new Signal<this, unknown>(this);
  currentWidget: Place | null = null;
  activeCell: object | null = null;
  find(fits: (one: Place) => boolean): Place | undefined {
    return this.places.find(fits);
  }
}

const a = new Place('a.ipynb');
const b = new Place('b.ipynb');
const c = new Place('Console 1');
let shell: { currentWidget: unknown; currentChanged: Signal<object, void> };
let notebooks: Tracker;
let frames: FramesModel;
let list: jest.SpyInstance;
let lastRequest: jest.SpyInstance;

function go(place: unknown): void {
  shell.currentWidget = place;
  shell.currentChanged.emit();
}

function cell(source: string, type = 'code'): object {
  return { model: { type, sharedModel: { getSource: () => source } } };
}

beforeEach(async () => {
  jest.useFakeTimers();
  list = jest.spyOn(KernelFrames.prototype, 'list').mockResolvedValue([frame('df')]);
  lastRequest = jest.spyOn(KernelFrames.prototype, 'lastRequest', 'get');
  shell = { currentWidget: a, currentChanged: new Signal<object, void>({}) };
  notebooks = new Tracker([a, b]);
  notebooks.currentWidget = a;
  frames = new FramesModel({
    shell,
    notebooks,
    consoles: new Tracker([c])
  } as unknown as IKernelPlaces);
  frames.live = true;
  await jest.advanceTimersByTimeAsync(200);
  list.mockClear();
});

afterEach(() => {
  frames.dispose();
  jest.restoreAllMocks();
  jest.useRealTimers();
});

describe('the dataframes', () => {
  it('are those of the document in front, or of the one that was', async () => {
    expect(frames.document).toBe('a.ipynb');
    expect(frames.items.map(one => one.name)).toEqual(['df']);
    go(c);
    expect(frames.document).toBe('Console 1');
    expect(frames.state).toBe('none');
    await jest.advanceTimersByTimeAsync(200);
    expect(frames.state).toBe('ready');
    go({});
    expect(frames.document).toBe('Console 1');
    go(b);
    expect(frames.document).toBe('b.ipynb');
  });

  it('are asked for once after each burst of cells', async () => {
    a.ran();
    a.ran();
    await jest.advanceTimersByTimeAsync(200);
    expect(list).toHaveBeenCalledTimes(1);
    b.ran();
    await jest.advanceTimersByTimeAsync(200);
    expect(list).toHaveBeenCalledTimes(1);
  });

  it('are not asked for because they were asked for', async () => {
    lastRequest.mockReturnValue('mine');
    a.ran('mine');
    await jest.advanceTimersByTimeAsync(200);
    expect(list).not.toHaveBeenCalled();
  });

  it('are not followed when the person does not want it', async () => {
    frames.live = false;
    a.ran();
    await jest.advanceTimersByTimeAsync(200);
    expect(list).not.toHaveBeenCalled();
    await frames.refresh();
    expect(list).toHaveBeenCalledTimes(1);
  });

  it('are unknown when the kernel does not tell, and none without a kernel', async () => {
    list.mockResolvedValue(null);
    await frames.refresh();
    expect(frames.state).toBe('unknown');
    const { session } = a.sessionContext;
    const { kernel } = session;
    session.kernel = null;
    a.kernelChanged.emit();
    await jest.advanceTimersByTimeAsync(200);
    expect(frames.state).toBe('none');
    expect(await frames.handOver('df')).toBeNull();
    session.kernel = kernel;
  });

  it.each([
    ['df', 'df'],
    ['x = 1\ndf.head()\n', 'df'],
    ['df["a"]', 'df'],
    ['df = 1', null],
    ['df == 1', 'df'],
    ['display(df.head())', 'df'],
    ['dfs', null],
    ['other', null],
    ['# df', null],
    ['print(df)', null]
  ])('are in a cell whose last line shows one: %j', (source, name) => {
    notebooks.activeCell = cell(source);
    expect(frames.inCell()).toBe(name);
    notebooks.activeCell = cell(source, 'markdown');
    expect(frames.inCell()).toBeNull();
  });

  it('say that one is being handed over, whatever becomes of it', async () => {
    const give = jest.spyOn(KernelFrames.prototype, 'handOver');
    give.mockRejectedValueOnce(new Error('no room'));
    const giving = frames.handOver('df');
    expect(frames.isLeaving('df')).toBe(true);
    await expect(giving).rejects.toThrow('no room');
    expect(frames.isLeaving('df')).toBe(false);
  });
});
