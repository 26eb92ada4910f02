/**
 * What a panel shows in the place of rows.
 */
import type { LabIcon } from '@jupyterlab/ui-components';
import React from 'react';

/** Why there is nothing to see, and what to do about it. */
export function Message(props: {
  icon: LabIcon;
  title: string;
  text: string;
  action: string;
  onAction: () => void;
  alert?: boolean;
}): JSX.Element {
  const { icon: Icon } = props;
  return (
    <div className="orrery-nothing" role={props.alert ? 'alert' : undefined}>
      <Icon.react tag="span" className="orrery-nothing-icon" />
      <h3>{props.title}</h3>
      <p>{props.text}</p>
      <button
        type="button"
        className="jp-mod-styled jp-mod-accept orrery-call"
        onClick={props.onAction}
      >
        {props.action}
      </button>
    </div>
  );
}
