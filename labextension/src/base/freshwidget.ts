/**
 * Content that is asked for anew each time that it comes to the front.
 */
import { ReactWidget } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';

import { keepFocus } from './focus';

/** React content with a model that is refreshed whenever it is shown; the keyboard stays in it. */
export abstract class FreshWidget extends ReactWidget {
  constructor(private readonly _source: { refresh(): Promise<void> }) {
    super();
    const focus = keepFocus(this.node);
    this.disposed.connect(() => focus.dispose());
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    void this._source.refresh();
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    void this._source.refresh();
  }
}
