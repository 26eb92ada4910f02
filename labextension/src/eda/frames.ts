/**
 * The dataframes of the kernel that the person works with, after each cell that ran.
 */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { ISessionContext } from '@jupyterlab/apputils';
import type { IConsoleTracker } from '@jupyterlab/console';
import type { INotebookTracker } from '@jupyterlab/notebook';
import type { Kernel, KernelMessage } from '@jupyterlab/services';
import type { IDisposable } from '@lumino/disposable';
import { Debouncer } from '@lumino/polling';
import { Signal, type ISignal } from '@lumino/signaling';

import { KernelFrames, type IFrame, type IHandover } from './kernel';

/** Where kernels are. */
export interface IKernelPlaces {
  shell: JupyterFrontEnd.IShell;
  notebooks: INotebookTracker | null;
  consoles: IConsoleTracker | null;
}

/** How it is: no kernel, asking, known, or it cannot be asked. */
export type FramesState = 'none' | 'loading' | 'ready' | 'unknown';

const SETTLE_MS = 50;
// A line that shows a dataframe: its name, something of it, or that handed to `display`.
const CALL = /^(?:display\(\s*)?([\p{L}_][\p{L}\p{N}_]*)\b(?!\s*=[^=])/u;

/** What is known of the dataframes of one kernel: that of the document the person was in last. */
export class FramesModel implements IDisposable {
  constructor(places: IKernelPlaces) {
    this._places = places;
    places.shell.currentChanged?.connect(this._follow, this);
    places.notebooks?.currentChanged.connect(this._follow, this);
    places.notebooks?.activeCellChanged.connect(this._emit, this);
    places.consoles?.currentChanged.connect(this._follow, this);
    this._follow();
  }

  /** Emitted whenever anything that is shown may have changed. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get state(): FramesState {
    return this._state;
  }

  get items(): readonly IFrame[] {
    return this._items;
  }

  /** The document that holds them, as a person calls it. */
  get document(): string {
    return this._document?.title.label ?? '';
  }

  /** Whether a dataframe is being written for the server. */
  isLeaving(name: string): boolean {
    return this._leaving.has(name);
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    this._debouncer.dispose();
    this._frames?.dispose();
    Signal.clearData(this);
  }

  /** Whether the kernel is asked again after each cell. */
  set live(on: boolean) {
    if (on !== this._live) {
      this._live = on;
      this._schedule();
    }
  }

  /** The dataframe of a name, if the kernel has one. */
  find(name: string): IFrame | null {
    return this._items.find(frame => frame.name === name) ?? null;
  }

  /** The dataframe that the active cell shows: its last line is the name, or begins with it. */
  inCell(): string | null {
    const { notebooks } = this._places;
    const cell = notebooks?.activeCell ?? null;
    if (cell?.model.type !== 'code' || notebooks?.currentWidget !== this._document) {
      return null;
    }
    const source = cell.model.sharedModel.getSource().trimEnd();
    const name = CALL.exec(source.slice(source.lastIndexOf('\n') + 1))?.[1];
    return name && this.find(name) ? name : null;
  }

  /** Write a dataframe where the server finds it; null when there is no kernel that could. */
  async handOver(name: string): Promise<IHandover | null> {
    const kernel = this._connect();
    if (!kernel) {
      return null;
    }
    this._leaving.add(name);
    this._changed.emit();
    try {
      return await kernel.handOver(name);
    } finally {
      this._leaving.delete(name);
      this._changed.emit();
    }
  }

  /** Ask the kernel again. */
  async refresh(): Promise<void> {
    const kernel = this._connect();
    if (!kernel) {
      this._set('none', []);
      return;
    }
    if (this._state !== 'ready') {
      this._set('loading', this._items);
    }
    const items = await kernel.list();
    if (kernel === this._frames) {
      this._set(items ? 'ready' : 'unknown', items ?? []);
    }
  }

  /** The notebook or console in front, or the one that was. */
  private _follow(): void {
    const { shell, notebooks, consoles } = this._places;
    const current = shell.currentWidget;
    const inFront =
      notebooks?.find(panel => panel === current) ??
      consoles?.find(panel => panel === current) ??
      null;
    const before = this._document?.isDisposed ? null : this._document;
    this._document =
      inFront ?? before ?? notebooks?.currentWidget ?? consoles?.currentWidget ?? null;
    const context = this._document?.sessionContext ?? null;
    if (context === this._context) {
      return;
    }
    this._context?.iopubMessage.disconnect(this._onMessage, this);
    this._context?.kernelChanged.disconnect(this._reset, this);
    this._context = context;
    context?.iopubMessage.connect(this._onMessage, this);
    context?.kernelChanged.connect(this._reset, this);
    this._reset();
  }

  private _reset(): void {
    this._frames?.dispose();
    this._frames = null;
    this._kernel = null;
    this._set('none', []);
    this._schedule();
  }

  /** A cell has run when its kernel says that it is idle again. */
  private _onMessage(_: ISessionContext, message: KernelMessage.IMessage): void {
    const parent = message.parent_header as Partial<KernelMessage.IHeader>;
    const idle =
      message.header.msg_type === 'status' &&
      (message.content as { execution_state?: string }).execution_state === 'idle';
    if (idle && parent.msg_type === 'execute_request' && !this._isOurs(parent)) {
      this._schedule();
    }
  }

  /** A request of our own without a subshell has an answer here too, and is no cell. */
  private _isOurs({ msg_id }: Partial<KernelMessage.IHeader>): boolean {
    return msg_id !== undefined && this._frames?.lastRequest === msg_id;
  }

  private _schedule(): void {
    if (this._live) {
      // A later cell takes the place of an earlier one.
      void this._debouncer.invoke().catch(() => undefined);
    }
  }

  private _emit(): void {
    this._changed.emit();
  }

  private _connect(): KernelFrames | null {
    const kernel = this._context?.session?.kernel ?? null;
    if (kernel !== this._kernel) {
      this._frames?.dispose();
      this._kernel = kernel;
      this._frames = kernel ? new KernelFrames(kernel) : null;
    }
    return this._frames;
  }

  private _set(state: FramesState, items: readonly IFrame[]): void {
    this._state = state;
    this._items = items;
    this._changed.emit();
  }

  private readonly _places: IKernelPlaces;
  private readonly _changed = new Signal<this, void>(this);
  private readonly _debouncer = new Debouncer(() => this.refresh(), SETTLE_MS);
  private readonly _leaving = new Set<string>();
  private _document:
    | NonNullable<INotebookTracker['currentWidget']>
    | NonNullable<IConsoleTracker['currentWidget']>
    | null = null;
  private _context: ISessionContext | null = null;
  private _kernel: Kernel.IKernelConnection | null = null;
  private _frames: KernelFrames | null = null;
  private _state: FramesState = 'none';
  private _items: readonly IFrame[] = [];
  private _live = false;
  private _isDisposed = false;
}
