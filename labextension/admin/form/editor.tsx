/**
 * A form that fills the view: sections, Save, and what the service says is wrong.
 */
import React, { useEffect, useRef, useState } from 'react';

import type { OrreryError } from '../../src/base/errors';

import { asError } from '../aserror';
import { Button, Failure } from '../controls';
import { count } from '../format';

import { FormContext, problemsOf, useFormState } from './model';

export interface IEditorProps<T> {
  readonly title: string;
  readonly initial: T;
  /** Why nothing can be changed here. */
  readonly readOnly?: string;
  readonly onSave: (value: T) => Promise<void>;
  readonly onClose: () => void;
  readonly children: (value: T) => React.ReactNode;
}

/** A form for a value; it closes after it was saved, and shows at each field why it was not. */
export function Editor<T>(props: IEditorProps<T>): JSX.Element {
  const [error, setError] = useState<OrreryError>();
  const [isBusy, setBusy] = useState(false);
  const [value, form] = useFormState(props.initial, problemsOf(error));
  const page = useRef<HTMLFormElement>(null);
  useEffect(() => {
    page.current?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus();
  }, [error]);
  const save = async () => {
    setBusy(true);
    setError(undefined);
    try {
      await props.onSave(value);
      props.onClose();
    } catch (cause) {
      setError(asError(cause));
      setBusy(false);
    }
  };
  return (
    <div className="orrery-admin-view">
      <header className="orrery-admin-bar">
        <h1>{props.title}</h1>
        <span className="orrery-admin-space" />
        <Button onClick={props.onClose}>{props.readOnly ? 'Back' : 'Cancel'}</Button>
        {!props.readOnly && (
          <Button look="accent" disabled={isBusy} onClick={() => void save()}>
            Save
          </Button>
        )}
      </header>
      <form
        ref={page}
        className="orrery-admin-page orrery-form"
        noValidate
        onSubmit={event => {
          event.preventDefault();
          if (!props.readOnly && !isBusy) {
            void save();
          }
        }}
      >
        {props.readOnly && <p className="orrery-admin-prose">{props.readOnly}</p>}
        {error && <Refusal error={error} />}
        <FormContext.Provider value={form}>
          <fieldset className="orrery-form-all" disabled={Boolean(props.readOnly)}>
            {props.children(value)}
          </fieldset>
        </FormContext.Provider>
        {/* Enter in a field saves, as in every form. */}
        <input type="submit" hidden />
      </form>
    </div>
  );
}

/** Why nothing was saved; what is wrong with a field is said there. */
function Refusal({ error }: { error: OrreryError }): JSX.Element {
  const fields = Object.keys(problemsOf(error)).length;
  return fields > 0 ? (
    <p className="orrery-problem" role="alert">
      Nothing is saved: {count(fields, 'part')} of the form cannot be used. Each says
      why below.
    </p>
  ) : (
    <Failure error={error} />
  );
}

export function Section(props: {
  readonly title: string;
  readonly children: React.ReactNode;
}): JSX.Element {
  return (
    <section aria-label={props.title}>
      <h2>{props.title}</h2>
      {props.children}
    </section>
  );
}
