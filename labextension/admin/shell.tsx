/**
 * The frame of the page: the views to choose from, the theme, messages.
 */
import React, { useEffect, useId, useState } from 'react';

import { Context, type IContext } from './context';
import { Button, Select } from './controls';
import { useStore } from './store';
import type { ThemeChoice, ThemeModel } from './theme';
import type { Toasts } from './toasts';

export interface IView {
  readonly name: string;
  readonly title: string;
  readonly component: React.ComponentType;
}

/** Views under one heading. */
export interface IViewGroup {
  /** Empty where there is one group only. */
  readonly title: string;
  readonly views: readonly IView[];
}

const THEMES: readonly (readonly [ThemeChoice, string])[] = [
  ['system', 'As the system'],
  ['light', 'Light'],
  ['dark', 'Dark'],
  ['high-contrast', 'High contrast']
];

export function Shell(props: {
  readonly context: IContext;
  readonly theme: ThemeModel;
  readonly groups: readonly IViewGroup[];
}): JSX.Element {
  const { context, groups } = props;
  const route = useStore(context.router.route);
  const views = groups.flatMap(group => group.views);
  const view = views.find(({ name }) => name === route.view) ?? views[0];
  const Current = view.component;
  useEffect(() => {
    document.title = `${view.title} · Orrery`;
  }, [view]);
  return (
    <Context.Provider value={context}>
      <div className="orrery-admin">
        <Navigation {...props} current={view.name} />
        <main className="orrery-admin-main">
          <EndedBanner context={context} />
          <Current key={view.name} />
        </main>
        <ToastList toasts={context.toasts} />
      </div>
    </Context.Provider>
  );
}

function Navigation(props: {
  readonly context: IContext;
  readonly theme: ThemeModel;
  readonly groups: readonly IViewGroup[];
  readonly current: string;
}): JSX.Element {
  const { facts } = props.context.api;
  const choice = useStore(props.theme.choice);
  return (
    <nav className="orrery-admin-nav" aria-label="Administration">
      <a className="orrery-admin-brand" href={`${facts.hub}home`}>
        Orrery
      </a>
      <div className="orrery-admin-groups">
        {props.groups.map(group => (
          <Group key={group.title} group={group} current={props.current} />
        ))}
      </div>
      <div className="orrery-admin-foot">
        <Select
          label="Theme"
          value={choice}
          options={THEMES}
          onChange={value => props.theme.choose(value)}
        />
        <p>{facts.user}</p>
      </div>
    </nav>
  );
}

function Group(props: {
  readonly group: IViewGroup;
  readonly current: string;
}): JSX.Element {
  const { title, views } = props.group;
  const id = useId();
  return (
    <>
      {title && (
        <p id={id} className="orrery-admin-group">
          {title}
        </p>
      )}
      <ul aria-labelledby={title ? id : undefined}>
        {views.map(view => (
          <li key={view.name}>
            <a
              href={`#${view.name}`}
              aria-current={view.name === props.current ? 'page' : undefined}
            >
              {view.title}
            </a>
          </li>
        ))}
      </ul>
    </>
  );
}

function EndedBanner({ context }: { context: IContext }): JSX.Element | null {
  const [hasEnded, setEnded] = useState(false);
  useEffect(() => {
    context.api.onEnd = () => setEnded(true);
  }, [context.api]);
  return hasEnded ? (
    <div className="orrery-admin-banner" role="alert">
      Your log-in at this page has ended.
      <Button look="accent" onClick={() => window.location.reload()}>
        Log In Again
      </Button>
    </div>
  ) : null;
}

function ToastList({ toasts }: { toasts: Toasts }): JSX.Element {
  const list = useStore(toasts.list);
  return (
    <div
      className="orrery-admin-toasts"
      role="log"
      aria-label="Messages"
      aria-live="polite"
    >
      {list.map(({ id, level, text, detail }) => (
        <div key={id} className="orrery-admin-toast" data-level={level}>
          <div>
            <strong>{text}</strong>
            {detail && <p>{detail}</p>}
          </div>
          <Button look="stealth" label="Close message" onClick={() => toasts.close(id)}>
            ✕
          </Button>
        </div>
      ))}
    </div>
  );
}
