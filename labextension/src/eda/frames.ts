/**
 * The dataframes of the kernel that the person works with, after each cell that ran.
 */
import type { IConsoleTracker } from '@jupyterlab/console';
import type { INotebookTracker } from '@jupyterlab/notebook';
import type { Kernel, KernelMessage } from '@jupyterlab/services';
import type { ISessionContext } from '@jupyterlab/apputils';
import { Debouncer } from '@lumino/polling';
import { Signal, type ISignal } from '@lumino/signaling';

import { KernelFrames, type IFrame, type IHandedOver } from './kernel';

/** Where kernels are. */
export interface IKernelPlaces {
  notebooks: INotebookTracker | null;
  consoles: IConsoleTracker | null;
}

/** How it is: no kernel, asking, known, or it cannot be asked. */
export type FramesState = 'none' | 'loading' | 'ready' | 'unknown';

const SETTLE_MS = 150;

/** What is known of the dataframes of one kernel: that of the document the person was in last. */
export class FramesModel {
  constructor(places: IKernelPlaces) {
    this._places = places;
    places.notebooks?.currentChanged.connect(this._follow, this);
    places.consoles?.currentChanged.connect(this._follow, this);
    places.notebooks?.activeCellChanged.connect(() => this._changed.emit());
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
    return this._document;
  }

  /** While nobody looks, no kernel is asked. */
  set watched(on: boolean) {
    this._watched = on;
    if (on) {
      void this._settled.invoke();
    }
  }

  /** The dataframe of a name, if the kernel has one. */
  find(name: string): IFrame | null {
    return this._items.find(one => one.name === name) ?? null;
  }

  /** The dataframe that the active cell shows: its last line is the name, or begins with it. */
  inCell(): string | null {
    const cell = this._places.notebooks?.activeCell ?? null;
    if (cell?.model.type !== 'code') {
      return null;
    }
    const lines = cell.model.sharedModel.source.trimEnd().split('\n');
    const name = /^([\p{L}_][\p{L}\p{N}_]*)\b(?!\s*=[^=])/u.exec(
      lines[lines.length - 1]
    )?.[1];
    return name && this.find(name) ? name : null;
  }

  /** Write a dataframe where the server finds it. */
  async handOver(name: string): Promise<IHandedOver> {
    const kernel = this._asked ?? this._connect();
    if (!kernel) {
      const { toError } = await import('../base/errors');
      throw toError({
        code: 'not_found',
        message: 'There is no kernel',
        remedy: 'Open the notebook that has the dataframe, and start its kernel.'
      });
    }
    return kernel.handOver(name);
  }

  /** Ask the kernel again. */
  async refresh(): Promise<void> {
    const asked = this._connect();
    if (!asked) {
      this._set('none', []);
      return;
    }
    if (this._state !== 'ready') {
      this._set('loading', this._items);
    }
    const items = await asked.list();
    if (asked === this._asked) {
      this._set(items ? 'ready' : 'unknown', items ?? []);
    }
  }

  private _follow(): void {
    const { notebooks, consoles } = this._places;
    const widget = notebooks?.currentWidget ?? consoles?.currentWidget ?? null;
    const context = widget?.sessionContext ?? null;
    this._document = widget?.title.label ?? '';
    if (context === this._context) {
      return;
    }
    this._context?.iopubMessage.disconnect(this._heard, this);
    this._context?.kernelChanged.disconnect(this._lost, this);
    this._context = context;
    context?.iopubMessage.connect(this._heard, this);
    context?.kernelChanged.connect(this._lost, this);
    this._lost();
  }

  private _lost(): void {
    this._asked?.dispose();
    this._asked = null;
    this._kernel = null;
    this._set('none', []);
    if (this._watched) {
      void this._settled.invoke();
    }
  }

  /** A cell has run when its kernel says that it is idle again. */
  private _heard(_: ISessionContext, message: KernelMessage.IMessage): void {
    const parent = message.parent_header as Partial<KernelMessage.IHeader>;
    const idle =
      message.header.msg_type === 'status' &&
      (message.content as { execution_state?: string }).execution_state === 'idle';
    if (this._watched && idle && parent.msg_type === 'execute_request') {
      void this._settled.invoke();
    }
  }

  private _connect(): KernelFrames | null {
    const kernel = this._context?.session?.kernel ?? null;
    if (kernel !== this._kernel) {
      this._asked?.dispose();
      this._kernel = kernel;
      this._asked = kernel ? new KernelFrames(kernel) : null;
    }
    return this._asked;
  }

  private _set(state: FramesState, items: readonly IFrame[]): void {
    this._state = state;
    this._items = items;
    this._changed.emit();
  }

  private readonly _places: IKernelPlaces;
  private readonly _changed = new Signal<this, void>(this);
  private readonly _settled = new Debouncer(() => this.refresh(), SETTLE_MS);
  private _context: ISessionContext | null = null;
  private _kernel: Kernel.IKernelConnection | null = null;
  private _asked: KernelFrames | null = null;
  private _state: FramesState = 'none';
  private _items: readonly IFrame[] = [];
  private _document = '';
  private _watched = false;
}
