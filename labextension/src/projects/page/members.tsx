/**
 * Who is in the project: roles and removal.
 */
import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { closeIcon, userIcon } from '@jupyterlab/ui-components';
import React from 'react';

import { executeOwn } from '../../base/registry';
import { Button, IconButton, Select } from '../../base/controls';
import { notifyError, sentence } from '../../base/notify';
import { FilterField } from '../../base/panel/filterfield';
import { offerUndo } from '../../base/undo';
import { CommandIDs } from '../commands';
import { When } from '../components';
import { roleName, ROLES } from '../names';
import type { Member, Role } from '../schemas';
import type { IPageProps } from './props';

// With fewer members, looking is faster than searching.
const SEARCH_FROM = 12;

/** The members, page by page. */
export function Members(
  props: IPageProps & { children: React.ReactNode }
): JSX.Element {
  const { children, model, trans } = props;
  const { members } = model;
  const list = React.useRef<HTMLUListElement>(null);
  const query = members.query.q ?? '';
  // Not that of the list: a field that is searched in must not go away with its matches.
  const count = model.project?.members ?? 0;
  const shown = members.items.length;
  return (
    <section aria-labelledby="orrery-page-members" className="orrery-page-members">
      <div className="orrery-page-title">
        <h2 id="orrery-page-members">{trans.__('Members')}</h2>
        {(query || count > SEARCH_FROM) && (
          <FilterField
            placeholder={trans.__('Search members')}
            onChange={q => members.filter({ q })}
            onDown={() => list.current?.querySelector('select')?.focus()}
            trans={trans}
            value={query}
          />
        )}
      </div>
      {members.state === 'failed' && (
        <p className="orrery-problem" role="alert">
          {sentence(members.error, trans)}
        </p>
      )}
      <ul className="orrery-page-list" ref={list}>
        {members.items.map(member => (
          <MemberRow key={member.user} {...props} member={member} />
        ))}
      </ul>
      {query && members.state === 'ready' && members.total === 0 && (
        <p className="orrery-quiet">{trans.__('No member matches "%1".', query)}</p>
      )}
      {shown < members.total && (
        <Button onClick={() => model.showMore()}>
          {trans.__('Show More (%1 of %2 are shown)', shown, members.total)}
        </Button>
      )}
      {children}
    </section>
  );
}

interface IMemberProps extends IPageProps {
  member: Member;
}

function MemberRow(props: IMemberProps): JSX.Element {
  const { member, model, trans } = props;
  const { role, since, user } = member;
  const isMe = user === model.status?.user;
  const { leave, manage } = model.rights(trans);
  // The only owner stays one; whoever leaves needs no right but that.
  const fixed = manage || (isMe ? leave : '');
  const staying = isMe ? leave : manage;
  const attempt = (change: Promise<unknown>): void => {
    change.catch((error: unknown) => notifyError(error, trans));
  };
  return (
    <li className="orrery-page-row orrery-page-member">
      <userIcon.react tag="span" />
      <span className="orrery-page-label" title={user}>
        {user}
        {isMe && <span className="orrery-quiet"> {trans.__('(you)')}</span>}
      </span>
      <span className="orrery-quiet orrery-page-since">
        <When prefix={trans.__('since')} when={since} />
      </span>
      <RoleSelect
        isDisabled={fixed !== ''}
        label={trans.__('Role of %1', user)}
        onChange={chosen => attempt(changeRole(props, user, chosen))}
        role={role}
        title={fixed || undefined}
        trans={trans}
      />
      <IconButton
        disabled={staying !== ''}
        icon={closeIcon}
        label={staying || trans.__('Remove %1 from the project', user)}
        onClick={() => attempt(remove(props, isMe))}
      />
    </li>
  );
}

/** Give a member another role; whoever gives up the own rights is asked. */
export async function changeRole(
  { model, trans }: IPageProps,
  user: string,
  role: Role
): Promise<void> {
  const isMe = user === model.status?.user;
  if (
    !isMe ||
    role === 'owner' ||
    !model.isOwner ||
    (await confirmStepDown(role, trans))
  ) {
    await model.setRole(user, role);
  }
}

async function confirmStepDown(role: Role, trans: TranslationBundle): Promise<boolean> {
  const { button } = await showDialog({
    title: trans.__('Give Up Being an Owner?'),
    body: trans.__(
      'You will be: %1. You can then neither invite people nor change the project, and only another owner can make you one again.',
      roleName(role, trans)
    ),
    buttons: [
      Dialog.cancelButton({ label: trans.__('Cancel') }),
      Dialog.warnButton({ label: trans.__('Give Up') })
    ],
    defaultButton: 0
  });
  return button.accept;
}

/** Take a member out, with a way back; leaving asks first. */
async function remove(props: IMemberProps, isMe: boolean): Promise<void> {
  const { commands, member, model, trans } = props;
  const { role, user } = member;
  if (isMe) {
    await executeOwn(commands, CommandIDs.leave, { slug: model.slug });
    return;
  }
  await model.removeMember(user);
  const message = trans.__('%1 was removed from the project.', user);
  offerUndo(message, () => model.invite(user, role), trans);
}

interface IRoleProps extends Pick<IPageProps, 'trans'> {
  isDisabled?: boolean;
  label: string;
  onChange: (role: Role) => void;
  role: Role;
  title?: string;
}

/** One of the roles. */
export function RoleSelect(props: IRoleProps): JSX.Element {
  const { isDisabled, label, onChange, role, title, trans } = props;
  return (
    <Select
      disabled={isDisabled}
      label={label}
      onChange={onChange}
      options={ROLES.map(value => [value, roleName(value, trans)])}
      title={title}
      value={role}
    />
  );
}
