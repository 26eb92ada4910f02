/**
 * The status bar's item: the current project, or that the server does not answer.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import React from 'react';

import { useSignal } from '../../base/hooks';
import { offlineIcon, orreryIcon } from '../../base/icons';
import { sentence } from '../../base/notify';
import type { IProjects } from '../tokens';

export interface IStatusOptions {
  projects: IProjects;
  trans: TranslationBundle;
  onClick: () => void;
}

/** One quiet button that opens Home. */
export class ProjectStatus extends ReactWidget {
  constructor(options: IStatusOptions) {
    super();
    this._options = options;
    this.addClass('orrery-project-status');
    this.addClass('jp-mod-highlighted');
  }

  protected override render(): JSX.Element {
    return <StatusButton {...this._options} />;
  }

  private readonly _options: IStatusOptions;
}

function StatusButton({ onClick, projects, trans }: IStatusOptions): JSX.Element {
  useSignal(projects.changed);
  const { current, error, state } = projects;
  const failed = state === 'failed';
  const Icon = failed ? offlineIcon : orreryIcon;
  return (
    <button
      className="orrery-project-status-button"
      onClick={onClick}
      title={failed ? sentence(error, trans) : caption(current, trans)}
      type="button"
    >
      <Icon.react tag="span" className="orrery-project-status-icon" />
      <span className="orrery-project-status-name">{text(projects, trans)}</span>
    </button>
  );
}

/** What the button does, and the name that may be shortened in it. */
function caption(current: IProjects['current'], trans: TranslationBundle): string {
  return current
    ? trans.__('%1 (open Orrery Home)', current.name)
    : trans.__('Open Orrery Home');
}

function text({ current, state }: IProjects, trans: TranslationBundle): string {
  if (state === 'failed') {
    return trans.__('Orrery is offline');
  }
  return current?.name ?? trans.__('Orrery');
}
