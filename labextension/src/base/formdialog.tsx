/**
 * A dialog with fields that stays open until what it asks for is done.
 */
import { Dialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import React from 'react';

import { sentence } from './notify';

/** The body of a form dialog. */
export abstract class FormBody extends ReactWidget {
  constructor(readonly trans: TranslationBundle) {
    super();
    this.addClass('orrery-form');
  }

  /** The name of the first field that cannot be sent as it is. */
  abstract invalidField(): string | undefined;

  /** Send what was typed, if it goes anywhere; what it rejects with is shown in the dialog. */
  submit(): Promise<void> {
    return Promise.resolve();
  }

  /** The field to go to when the server refuses. */
  fieldOf?(error: unknown): string | undefined;

  /** Whether it is done: the server has accepted it. */
  async trySubmit(): Promise<boolean> {
    if (this._isBusy) {
      return false;
    }
    this.isChecked = true;
    const field = this.invalidField();
    this._show('', !field);
    if (field) {
      this._focus(field);
      return false;
    }
    try {
      await this.submit();
      return true;
    } catch (error) {
      this._show(sentence(error, this.trans), false);
      this._focus(this.fieldOf?.(error));
      return false;
    } finally {
      this._isBusy = false;
    }
  }

  /** The fields. */
  protected abstract renderFields(): JSX.Element;

  protected override render(): JSX.Element {
    return (
      <fieldset aria-busy={this._isBusy}>
        {this.renderFields()}
        {this._error && (
          <div className="orrery-problem" role="alert">
            {this._error}
          </div>
        )}
      </fieldset>
    );
  }

  /** Whether problems are shown: not before the first attempt. */
  protected isChecked = false;

  private _show(error: string, isBusy: boolean): void {
    this._error = error;
    this._isBusy = isBusy;
    this.update();
  }

  private _focus(name: string | undefined): void {
    if (name) {
      this.node.querySelector<HTMLElement>(`[name="${name}"]`)?.focus();
    }
  }

  private _error = '';
  private _isBusy = false;
}

export interface IFormDialogOptions {
  title: string;
  /** The button that submits. */
  accept: Partial<Dialog.IButton>;
  /** What has the focus at first; the first field if left out. */
  focusNodeSelector?: string;
}

/** Ask with a form; whether the person went through with it and it was accepted. */
export async function askWithForm(
  form: FormBody,
  options: IFormDialogOptions
): Promise<boolean> {
  const result = await new FormDialog(form, options).launch();
  return result.button.accept;
}

// Cancel stands before it.
const ACCEPT = 1;

class FormDialog extends Dialog<void> {
  constructor(form: FormBody, { accept, ...options }: IFormDialogOptions) {
    super({
      focusNodeSelector: 'input',
      ...options,
      body: form,
      buttons: [
        Dialog.cancelButton({ label: form.trans.__('Cancel') }),
        Dialog.createButton({ ...accept, accept: true })
      ]
    });
    this.addClass('orrery-dialog');
    this.addClass('orrery-form-dialog');
    this._form = form;
  }

  override resolve(index = ACCEPT): void {
    if (index === ACCEPT) {
      void this._form.trySubmit().then(isDone => isDone && super.resolve(ACCEPT));
    } else {
      super.resolve(index);
    }
  }

  private readonly _form: FormBody;
}
