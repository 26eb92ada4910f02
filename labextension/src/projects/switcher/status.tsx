/**
 * The status bar's item: the current project, or that the server does not answer.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import * as React from 'react';

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

  protected override render(): React.JSX.Element {
    const { onClick, projects, trans } = this._options;
    return (
      <UseSignal signal={projects.changed}>
        {() => {
          const failed = projects.state === 'failed';
          const Icon = failed ? offlineIcon : orreryIcon;
          return (
            <button
              className="orrery-project-status-button"
              onClick={onClick}
              title={
                failed ? sentence(projects.error, trans) : trans.__('Open Orrery Home')
              }
              type="button"
            >
              <Icon.react tag="span" className="orrery-project-status-icon" />
              <span>{text(projects, trans)}</span>
            </button>
          );
        }}
      </UseSignal>
    );
  }

  private readonly _options: IStatusOptions;
}

function text({ current, state }: IProjects, trans: TranslationBundle): string {
  if (state === 'failed') {
    return trans.__('Orrery is offline');
  }
  return current?.name ?? trans.__('Orrery');
}
