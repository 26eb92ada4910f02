/**
 * What snippets import and the kernel lacks.
 */
import type { Kernel } from '@jupyterlab/services';
import { Signal, type ISignal } from '@lumino/signaling';

import { missingModules } from './kernel';
import type { Snippet } from '../schemas';

/** What the snippet that was inserted last still needs. */
export interface IHint {
  name: string;
  modules: readonly string[];
}

/** Compares what snippets import with what the kernel has. */
export class Requirements {
  /** @param kernel The kernel of the place that snippets go to now. */
  constructor(kernel: () => Kernel.IKernelConnection | null) {
    this._kernel = kernel;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get hint(): IHint | null {
    return this._hint;
  }

  /** The modules that the kernel lacks; none when it cannot be asked. */
  async missing(snippet: Snippet): Promise<readonly string[]> {
    const modules = snippet.requires;
    if (!modules.length || snippet.language !== 'python') {
      return [];
    }
    return (await missingModules(this._kernel(), modules)) ?? [];
  }

  /** Say what a snippet that was just inserted still needs. */
  async note(snippet: Snippet): Promise<void> {
    const modules = await this.missing(snippet);
    this._set(modules.length ? { name: snippet.name, modules } : null);
  }

  /** Stop saying it. */
  dismiss(): void {
    this._set(null);
  }

  private _set(hint: IHint | null): void {
    if (hint !== this._hint) {
      this._hint = hint;
      this._changed.emit();
    }
  }

  private readonly _kernel: () => Kernel.IKernelConnection | null;
  private readonly _changed = new Signal<this, void>(this);
  private _hint: IHint | null = null;
}
