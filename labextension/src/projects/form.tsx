/**
 * A dialog with fields that stays open until what it asks for is done.
 */
import { Dialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import * as React from 'react';

import { sentence } from '../base/notify';

/** The attributes of a text field of a dialog. */
type TextFieldProps = React.InputHTMLAttributes<HTMLInputElement & HTMLTextAreaElement>;

interface ITextFieldProps extends TextFieldProps {
  hint?: string;
  label: string;
  name: string;
  problem?: string;
  /** More than one makes it a field of several lines. */
  rows?: number;
}

/** A label, a text field, and a hint or what is wrong in its place. */
export function TextField(props: ITextFieldProps): React.JSX.Element {
  const { hint, label, problem, ...attributes } = props;
  const id = React.useId();
  const note = problem ?? hint;
  const Tag = props.rows ? 'textarea' : 'input';
  return (
    <div className="orrery-field">
      <label htmlFor={id}>{label}</label>
      <Tag
        {...attributes}
        aria-describedby={note ? `${id}-note` : undefined}
        aria-invalid={problem ? true : undefined}
        className="jp-mod-styled"
        id={id}
      />
      {note && (
        <small
          className={problem ? 'orrery-problem' : 'orrery-quiet'}
          id={`${id}-note`}
        >
          {note}
        </small>
      )}
    </div>
  );
}

/** The body of a form dialog. */
export abstract class FormBody extends ReactWidget {
  constructor(readonly trans: TranslationBundle) {
    super();
    this.addClass('orrery-project-form');
  }

  /** The name of the first field that cannot be sent as it is. */
  abstract invalidField(): string | undefined;

  /** Send what was typed; what it rejects with is shown in the dialog. */
  abstract submit(): Promise<void>;

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
  protected abstract renderFields(): React.JSX.Element;

  protected override render(): React.JSX.Element {
    return (
      <fieldset aria-busy={this._isBusy}>
        {this.renderFields()}
        <div className="orrery-problem" role="alert">
          {this._error}
        </div>
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

/** Ask with a form; whether the person went through with it and the server accepted. */
export async function askWithForm(
  form: FormBody,
  title: string,
  accept: Partial<Dialog.IButton>
): Promise<boolean> {
  const result = await new FormDialog(form, title, accept).launch();
  return result.button.accept;
}

const ACCEPT = 1;

class FormDialog extends Dialog<void> {
  constructor(form: FormBody, title: string, accept: Partial<Dialog.IButton>) {
    super({
      title,
      body: form,
      buttons: [
        Dialog.cancelButton({ label: form.trans.__('Cancel') }),
        Dialog.createButton({ ...accept, accept: true })
      ],
      focusNodeSelector: 'input'
    });
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
