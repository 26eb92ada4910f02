/**
 * The cards of Home: the project, and one for each capability.
 */
import type { LabIcon } from '@jupyterlab/ui-components';
import React from 'react';

import { Button } from '../../base/controls';
import type { IHomeAction, IHomeItem } from '../../base/home';
import { projectIcon } from '../../base/icons';
import { sentence } from '../../base/notify';
import { CommandIDs } from '../commands';
import { When } from '../components';
import { roleMeaning, roleName } from '../names';
import type { Project } from '../schemas';
import type { ICardContent } from './model';
import type { IPartProps } from './props';

/** The current project, with the way to its page and to every other. */
export function ProjectCard(props: IPartProps & { project: Project }): JSX.Element {
  const { project, run, trans } = props;
  return (
    <Card icon={projectIcon} id="project" title={project.name}>
      <div className="orrery-card-body">
        <div className="orrery-meta">
          <span title={roleMeaning(project.role, trans)}>
            {roleName(project.role, trans)}
          </span>
          <span>{trans._n('%1 member', '%1 members', project.members)}</span>
          <When prefix={trans.__('changed')} when={project.updated} />
        </div>
        {project.description && <p>{project.description}</p>}
      </div>
      <div className="orrery-card-actions">
        <Button
          look="accept"
          onClick={() => run(CommandIDs.openPage, { slug: project.slug })}
        >
          {trans.__('Members and Settings')}
        </Button>
        <Button onClick={() => run(CommandIDs.switch)}>
          {trans.__('Switch Project…')}
        </Button>
      </div>
    </Card>
  );
}

/** What a project is for, and how to come into one. */
export function NoProjectCard({ run, trans }: IPartProps): JSX.Element {
  return (
    <Card icon={projectIcon} id="project" title={trans.__('No project')}>
      <p className="orrery-card-body">
        {trans.__(
          'A project holds data, code and snippets that its members share. What you make outside of one is shared with nobody.'
        )}
      </p>
      <div className="orrery-card-actions">
        <Button look="accept" onClick={() => run(CommandIDs.switch)}>
          {trans.__('Choose a Project…')}
        </Button>
      </div>
    </Card>
  );
}

/** What a capability has to say: what runs, failed or is new, and the next step. */
export function CapabilityCard(
  props: IPartProps & { content: ICardContent }
): JSX.Element {
  const { commands, content, run, trans } = props;
  const { card, error, items } = content;
  const execute = (action: IHomeAction): void =>
    run(action.command, action.args, action.label);
  return (
    <Card
      icon={card.icon}
      id={card.capability}
      onOpen={() => execute(card.open)}
      title={card.title}
    >
      {error !== undefined && (
        <p className="orrery-problem">{sentence(error, trans)}</p>
      )}
      {items.length > 0 ? (
        <ul className="orrery-card-items">
          {items.map((item, index) => (
            <Item key={index} item={item} onOpen={() => execute(item)} trans={trans} />
          ))}
        </ul>
      ) : (
        <p className="orrery-quiet">{card.caption}</p>
      )}
      {card.next && commands.hasCommand(card.next.command) && (
        <div className="orrery-card-actions">
          <Button onClick={() => card.next && execute(card.next)}>
            {card.next.label ?? commands.label(card.next.command, card.next.args)}
          </Button>
        </div>
      )}
    </Card>
  );
}

interface ICardProps {
  children: React.ReactNode;
  icon: LabIcon;
  id: string;
  /** Makes the title a button. */
  onOpen?: () => void;
  title: string;
}

function Card({ children, icon: Icon, id, onOpen, title }: ICardProps): JSX.Element {
  const titleId = `orrery-home-${id}`;
  return (
    <section aria-labelledby={titleId} className="orrery-card" data-capability={id}>
      <h2 className="orrery-card-title" id={titleId}>
        <Icon.react tag="span" className="orrery-card-icon" />
        {onOpen ? (
          <button className="orrery-link" onClick={onOpen} type="button">
            {title}
          </button>
        ) : (
          title
        )}
      </h2>
      {children}
    </section>
  );
}

interface IItemProps extends Pick<IPartProps, 'trans'> {
  item: IHomeItem;
  onOpen: () => void;
}

function Item({ item, onOpen, trans }: IItemProps): JSX.Element {
  const states = {
    running: trans.__('running'),
    failed: trans.__('failed'),
    new: trans.__('new')
  };
  return (
    <li>
      <button className="orrery-home-row" onClick={onOpen} type="button">
        <span className="orrery-home-label">{item.label}</span>
        {item.state && (
          <span className="orrery-page-badge" data-state={item.state}>
            {states[item.state]}
          </span>
        )}
        <span className="orrery-home-meta">{item.meta}</span>
      </button>
    </li>
  );
}
