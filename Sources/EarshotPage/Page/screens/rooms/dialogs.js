import { askRoom, changeRoom, confirm, go, t } from '../../kit.js';
import { askForText } from '../ask.js';

export const setTopic = (room) => askForText({
  title: t('rooms.changeTopic'), label: t('rooms.topic'), hint: t('rooms.topicHint'), value: room.topic ?? '',
  save: (topic) => askRoom('room.topic', { room: room.id, topic }),
});

export const renameRoom = (room) => askForText({
  title: t('rooms.rename'), label: t('rooms.name'), value: room.name, most: 64, required: true,
  save: (name) => askRoom('room.rename', { room: room.id, name: name.replace(/^#/, '') }),
});

export async function confirmLeave(room) {
  if (!await confirm(t('rooms.leaveTitle', { name: room.name }), t('rooms.leaveText'), t('rooms.leave'),
    'danger')) return;
  if (await changeRoom('room.leave', { room: room.id })) go('#/');
}
