import { framePromise } from '@jupyterlab/testing';
import { ReactWidget } from '@jupyterlab/ui-components';
import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';
import React, { useLayoutEffect } from 'react';

import { useSignal } from '../../src/base/hooks';

it('follows a signal from the moment on at which it is drawn', async () => {
  const signal = new Signal<object, void>({});
  let value = 'loading';
  const Value = (): JSX.Element => {
    useSignal(signal);
    return <b>{value}</b>;
  };
  // The answer is there before the browser has drawn the first state.
  const Answer = (): null => {
    useLayoutEffect(() => {
      value = 'ready';
      signal.emit();
    }, []);
    return null;
  };
  const widget = ReactWidget.create(
    <>
      <Value />
      <Answer />
    </>
  );
  Widget.attach(widget, document.body);
  await widget.renderPromise;
  await framePromise();
  expect(widget.node.textContent).toBe('ready');
  widget.dispose();
});
