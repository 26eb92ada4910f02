/**
 * Orrery Home: the project, what each capability has to say, and what was worked on lately.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import React from 'react';

import { executeOwn } from '../../base/registry';
import { Button } from '../../base/controls';
import { toError, type OrreryError } from '../../base/errors';
import { FreshWidget } from '../../base/freshwidget';
import { useSignal } from '../../base/hooks';
import { orreryIcon } from '../../base/icons';
import { isTold, notifyError, sentence } from '../../base/notify';
import { Skeleton } from '../components';
import type { Home } from '../schemas';
import { CapabilityCard, NoProjectCard, ProjectCard } from './card';
import { LinkList, RecentList } from './lists';
import type { HomeModel } from './model';
import type { IPartProps, Run } from './props';

export interface IHomeOptions {
  commands: CommandRegistry;
  model: HomeModel;
  trans: TranslationBundle;
}

/** The content of the tab. */
export class HomeView extends FreshWidget {
  constructor(private readonly _options: IHomeOptions) {
    super(_options.model);
    this.addClass('orrery-page');
  }

  protected override render(): JSX.Element {
    const { commands, model, trans } = this._options;
    const run: Run = (id, args, name) => {
      executeOwn(commands, id, args).catch((error: unknown) => {
        // What a command of Orrery said needs no second toast.
        if (!isTold(error)) {
          notifyError(
            name === undefined ? error : openError(name, error, trans),
            trans
          );
        }
      });
    };
    return <Page commands={commands} model={model} run={run} trans={trans} />;
  }
}

type IPageProps = IPartProps & { model: HomeModel };

function Page(props: IPageProps): JSX.Element {
  const { model, trans } = props;
  useSignal(model.changed);
  const { home } = model;
  return (
    <div className="orrery-page-body orrery-home" aria-busy={model.state === 'loading'}>
      <div className="orrery-home-header">
        <orreryIcon.react tag="span" className="orrery-page-icon" />
        <h1>{trans.__('Orrery Home')}</h1>
        {home && <span className="orrery-home-user">{home.user}</span>}
      </div>
      {model.state === 'failed' && (
        <div className="orrery-page-problem" role="alert">
          <span>{sentence(model.error, trans)}</span>
          <Button onClick={() => void model.retry()}>{trans.__('Try Again')}</Button>
        </div>
      )}
      {home && <Content {...props} home={home} />}
      {!home && model.state !== 'failed' && <Skeleton trans={trans} />}
    </div>
  );
}

function Content(props: IPageProps & { home: Home }): JSX.Element {
  const { home, model, trans } = props;
  return (
    <>
      {model.project ? (
        <ProjectCard {...props} project={model.project} />
      ) : (
        <NoProjectCard {...props} />
      )}
      <div className="orrery-home-cards">
        {model.cards.map(content => (
          <CapabilityCard
            key={content.card.capability}
            {...props}
            // That the server is gone is said once, above.
            content={
              model.state === 'failed' ? { ...content, error: undefined } : content
            }
          />
        ))}
      </div>
      <div className="orrery-home-columns">
        <RecentList {...props} recent={home.recent} />
        <LinkList {...props} links={home.links} project={model.project} />
      </div>
      <p className="orrery-home-about">
        {home.hub
          ? trans.__(
              'A hub runs this server: projects, shared snippets and data come from there.'
            )
          : trans.__(
              'This lab runs without a hub: projects and snippets are folders and files on this machine, and nobody else sees them.'
            )}
      </p>
    </>
  );
}

/** Why something that Home names cannot be opened. */
function openError(
  name: string,
  cause: unknown,
  trans: TranslationBundle
): OrreryError {
  return toError({
    code: 'not_found',
    message: trans.__('"%1" cannot be opened', name),
    reason: sentence(cause, trans),
    remedy: trans.__(
      'It may have been moved or deleted: refresh Home, or look in the file browser'
    )
  });
}
