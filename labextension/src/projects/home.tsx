/**
 * Orrery Home: the project, where to go, and what was worked on lately.
 */
import { Time } from '@jupyterlab/coreutils';
import type { TranslationBundle } from '@jupyterlab/translation';
import {
  codeIcon,
  fileIcon,
  folderIcon,
  inspectorIcon,
  launchIcon,
  notebookIcon,
  ReactWidget,
  UseSignal,
  type LabIcon
} from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import type { ReadonlyJSONObject } from '@lumino/coreutils';
import type { Message } from '@lumino/messaging';
import * as React from 'react';

import { toError, type OrreryError } from '../base/errors';
import { orreryIcon, projectIcon } from '../base/icons';
import { notifyError, sentence } from '../base/notify';
import { CommandIDs } from './commands';
import type { HomeModel } from './homeModel';
import { roleMeaning, roleName } from './names';
import type { Home, Link, Project, Recent } from './schemas';

// Panels of other capabilities, named by the commands that open them: one that is disabled is not offered.
const PANELS = ['snippets:open-panel', 'eda:open-panel'];
const SKELETON_ROWS = 4;

export interface IHomeOptions {
  commands: CommandRegistry;
  model: HomeModel;
  trans: TranslationBundle;
}

/** What is inside the Home tab. */
export class HomeView extends ReactWidget {
  constructor(options: IHomeOptions) {
    super();
    this._options = options;
    this.addClass('orrery-HomeView');
  }

  /** Home is asked for anew each time it comes to the front. */
  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    void this._options.model.refresh();
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    void this._options.model.refresh();
  }

  protected override render(): React.JSX.Element {
    const { commands, model, trans } = this._options;
    const run: Run = (id, args, name) => {
      commands
        .execute(id, args)
        .catch((error: unknown) =>
          notifyError(name === undefined ? error : lost(name, error, trans), trans)
        );
    };
    return (
      <UseSignal signal={model.changed}>
        {() => <Page commands={commands} model={model} run={run} trans={trans} />}
      </UseSignal>
    );
  }

  private readonly _options: IHomeOptions;
}

/** Execute a command; when it opens something, the name of that is for the message about a failure. */
type Run = (id: string, args?: ReadonlyJSONObject, name?: string) => void;

interface IPartProps {
  commands: CommandRegistry;
  run: Run;
  trans: TranslationBundle;
}

function Page(props: IPartProps & { model: HomeModel }): React.JSX.Element {
  const { model, trans } = props;
  const { home } = model;
  return (
    <div className="orrery-HomeView-page" aria-busy={model.state === 'loading'}>
      <div className="orrery-HomeView-header">
        <orreryIcon.react tag="span" className="orrery-HomeView-logo" />
        <h1>{trans.__('Orrery Home')}</h1>
        {home && <span className="orrery-HomeView-user">{home.user}</span>}
      </div>
      {model.state === 'failed' && (
        <div className="orrery-HomeView-problem" role="alert">
          <span>{sentence(model.error, trans)}</span>
          <button
            className="orrery-button"
            onClick={() => void model.retry()}
            type="button"
          >
            {trans.__('Try again')}
          </button>
        </div>
      )}
      {home && <Known {...props} home={home} />}
      {!home && model.state !== 'failed' && <Skeleton trans={trans} />}
    </div>
  );
}

function Known(props: IPartProps & { home: Home }): React.JSX.Element {
  const { home, trans } = props;
  return (
    <>
      {home.project ? (
        <ProjectCard {...props} project={home.project} />
      ) : (
        <NoProject {...props} />
      )}
      <div className="orrery-HomeView-columns">
        <RecentList {...props} recent={home.recent} />
        <LinkList {...props} links={home.links} />
      </div>
      <p className="orrery-HomeView-about">
        {home.hub
          ? trans.__(
              'A hub runs this server: projects, shared snippets and data come from there. Files that you keep outside a project are yours alone.'
            )
          : trans.__(
              'This lab runs without a hub: projects and snippets are folders and files on this machine, and nobody else sees them.'
            )}
      </p>
    </>
  );
}

function ProjectCard({
  project,
  run,
  trans
}: IPartProps & { project: Project }): React.JSX.Element {
  return (
    <section className="orrery-HomeView-card" aria-labelledby="orrery-home-project">
      <projectIcon.react tag="span" className="orrery-HomeView-cardIcon" />
      <div className="orrery-HomeView-cardBody">
        <h2 id="orrery-home-project">{project.name}</h2>
        <div className="orrery-HomeView-meta">
          <span title={roleMeaning(project.role, trans)}>
            {roleName(project.role, trans)}
          </span>
          <span>{trans._n('%1 member', '%1 members', project.members)}</span>
          <When prefix={trans.__('changed')} when={project.updated} />
        </div>
        {project.description && <p>{project.description}</p>}
      </div>
      <button
        className="orrery-button"
        onClick={() => run(CommandIDs.switch)}
        type="button"
      >
        {trans.__('Switch project…')}
      </button>
    </section>
  );
}

function NoProject({ run, trans }: IPartProps): React.JSX.Element {
  return (
    <section className="orrery-HomeView-card" aria-labelledby="orrery-home-project">
      <projectIcon.react tag="span" className="orrery-HomeView-cardIcon" />
      <div className="orrery-HomeView-cardBody">
        <h2 id="orrery-home-project">{trans.__('No project')}</h2>
        <p>
          {trans.__(
            'A project holds data, code and snippets that its members share. Outside one, all you make is yours alone.'
          )}
        </p>
      </div>
      <button
        className="jp-mod-styled jp-mod-accept"
        onClick={() => run(CommandIDs.switch)}
        type="button"
      >
        {trans.__('Choose a project…')}
      </button>
    </section>
  );
}

function LinkList({
  commands,
  links,
  run,
  trans
}: IPartProps & { links: readonly Link[] }): React.JSX.Element {
  const panels = PANELS.filter(id => commands.hasCommand(id));
  return (
    <section aria-labelledby="orrery-home-links">
      <h2 id="orrery-home-links">{trans.__('Quick links')}</h2>
      <ul className="orrery-HomeView-list">
        {links.map(link => (
          <LinkRow
            key={`${link.label} ${link.url}${link.path}`}
            link={link}
            run={run}
            trans={trans}
          />
        ))}
        {panels.map(id => (
          <Row
            key={id}
            icon={commands.icon(id) as LabIcon}
            label={commands.label(id)}
            meta={commands.caption(id)}
            onOpen={() => run(id)}
          />
        ))}
      </ul>
    </section>
  );
}

function LinkRow({
  link,
  run,
  trans
}: Pick<IPartProps, 'run' | 'trans'> & { link: Link }): React.JSX.Element {
  if (link.url) {
    return (
      <li>
        <a
          className="orrery-HomeView-row"
          href={safe(link.url)}
          rel="noopener noreferrer"
          target="_blank"
          title={link.url}
        >
          <launchIcon.react tag="span" className="orrery-HomeView-rowIcon" />
          <span className="orrery-HomeView-label">{link.label}</span>
          <span className="orrery-HomeView-rowMeta">{link.caption}</span>
          <span className="orrery-hidden">{trans.__('(opens in a new tab)')}</span>
        </a>
      </li>
    );
  }
  return (
    <Row
      icon={folderIcon}
      label={link.label}
      meta={link.caption}
      onOpen={() => run('filebrowser:open-path', { path: link.path }, link.label)}
      title={link.path}
    />
  );
}

function RecentList({
  commands,
  recent,
  run,
  trans
}: IPartProps & { recent: readonly Recent[] }): React.JSX.Element {
  return (
    <section aria-labelledby="orrery-home-recent">
      <h2 id="orrery-home-recent">{trans.__('Recent')}</h2>
      {recent.length > 0 ? (
        <ul className="orrery-HomeView-list">
          {recent.map(one => (
            <Row
              key={`${one.kind} ${one.id}${one.path}`}
              icon={ICONS[one.kind]}
              label={one.label}
              meta={<When when={one.when} />}
              onOpen={() => run(...opening(one), one.label)}
              title={one.path || undefined}
            />
          ))}
        </ul>
      ) : (
        <div className="orrery-HomeView-empty">
          <p>
            {trans.__('Notebooks, files and snippets that you work on appear here.')}
          </p>
          {commands.hasCommand(NEW_NOTEBOOK) && (
            <button
              className="jp-mod-styled jp-mod-accept"
              onClick={() => run(NEW_NOTEBOOK)}
              type="button"
            >
              {trans.__('New notebook')}
            </button>
          )}
        </div>
      )}
    </section>
  );
}

const NEW_NOTEBOOK = 'notebook:create-new';

const ICONS: Record<Recent['kind'], LabIcon> = {
  notebook: notebookIcon,
  file: fileIcon,
  snippet: codeIcon,
  run: inspectorIcon
};

/** The command that opens something recent, and its arguments. */
function opening(one: Recent): [string, ReadonlyJSONObject] {
  switch (one.kind) {
    case 'snippet':
      return ['snippets:edit', { id: one.id }];
    case 'run':
      return ['eda:open', { id: one.id }];
    default:
      return ['docmanager:open', { path: one.path }];
  }
}

/** Why something that Home names cannot be opened. */
function lost(name: string, cause: unknown, trans: TranslationBundle): OrreryError {
  return toError({
    code: 'not_found',
    message: trans.__('"%1" cannot be opened', name),
    reason: sentence(cause, trans),
    remedy: trans.__(
      'It may have been moved or deleted: refresh Home, or look in the file browser'
    )
  });
}

interface IRowProps {
  icon: LabIcon | undefined;
  label: string;
  meta?: React.ReactNode;
  onOpen: () => void;
  title?: string;
}

/** One line of a list: an icon, a name, one quiet word. */
function Row({ icon: Icon, label, meta, onOpen, title }: IRowProps): React.JSX.Element {
  return (
    <li>
      <button
        className="orrery-HomeView-row"
        onClick={onOpen}
        title={title}
        type="button"
      >
        {Icon && <Icon.react tag="span" className="orrery-HomeView-rowIcon" />}
        <span className="orrery-HomeView-label">{label}</span>
        <span className="orrery-HomeView-rowMeta">{meta}</span>
      </button>
    </li>
  );
}

/** How long ago; exactly when, on hover. */
function When({ prefix, when }: { prefix?: string; when: string }): React.JSX.Element {
  return (
    <time dateTime={when} title={Time.format(when)}>
      {prefix ? `${prefix} ` : ''}
      {Time.formatHuman(when)}
    </time>
  );
}

/** Home's shape while its content is on the way. */
function Skeleton({ trans }: { trans: TranslationBundle }): React.JSX.Element {
  return (
    <div role="status">
      <span className="orrery-hidden">{trans.__('Loading…')}</span>
      <div className="orrery-skeleton orrery-HomeView-skeletonCard" />
      {Array.from({ length: SKELETON_ROWS }, (_, row) => (
        <div key={row} className="orrery-skeleton orrery-HomeView-skeletonRow" />
      ))}
    </div>
  );
}

/** An address that a click may follow; anything but the web leads nowhere. */
function safe(url: string): string | undefined {
  try {
    const { protocol } = new URL(url, window.location.href);
    return protocol === 'http:' || protocol === 'https:' ? url : undefined;
  } catch {
    return undefined;
  }
}
