/**
 * A question in front of the page: what will be done, its fields, and a button that does it.
 */
import React, { useEffect, useId, useRef, useState } from 'react';

import type { OrreryError } from '../src/base/errors';

import { Button, Failure } from './controls';
import { asError } from './aserror';

/** The browser's own modal dialog; it closes after `onAccept` has succeeded, and shows why it has not. */
export function Dialog(props: {
  readonly title: string;
  readonly accept: string;
  readonly isDangerous?: boolean;
  readonly isReady?: boolean;
  readonly onAccept: () => Promise<void>;
  readonly onClose: () => void;
  readonly children: React.ReactNode;
}): JSX.Element {
  const ref = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<OrreryError>();
  useEffect(() => {
    ref.current?.showModal();
  }, []);
  const accept = async () => {
    setBusy(true);
    setError(undefined);
    try {
      await props.onAccept();
      props.onClose();
    } catch (cause) {
      setError(asError(cause));
      setBusy(false);
    }
  };
  return (
    <dialog
      ref={ref}
      className="orrery-admin-dialog"
      aria-labelledby={titleId}
      onClose={props.onClose}
    >
      <h2 id={titleId}>{props.title}</h2>
      {props.children}
      {error && <Failure error={error} />}
      <div className="orrery-admin-actions">
        <Button onClick={() => ref.current?.close()}>Cancel</Button>
        <Button
          look={props.isDangerous ? 'error' : 'accent'}
          disabled={isBusy || props.isReady === false}
          onClick={() => void accept()}
        >
          {props.accept}
        </Button>
      </div>
    </dialog>
  );
}
