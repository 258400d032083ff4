// Signing in and making an account.

import {h} from './dom.js';
import {choice, field, form} from './dialogs.js';
import {currentLanguage, languages, setLanguage, t} from './strings.js';
import {currentTheme, setTheme, themes} from './settings.js';

/**
 * @param session
 * @param {{isInvited: boolean, onlanguage: () => void}} options
 */
export function authView(session, {isInvited, onlanguage}) {
  let isNew = false;
  const card = h('div', {class: 'card'});

  function show() {
    const username = field(t('username'), {
      name: 'username', autocomplete: 'username', autocapitalize: 'none', spellcheck: 'false', required: true, maxlength: 50,
    }, isNew ? t('field_username') : null);
    const password = field(t('password'), {
      name: 'password', type: 'password', required: true, maxlength: 256,
      autocomplete: isNew ? 'new-password' : 'current-password',
    }, isNew ? t('field_password') : null);
    card.replaceChildren(
      h('h2', {}, isNew ? t('registerTitle') : t('signInTitle')),
      form([username.element, password.element], isNew ? t('register') : t('signIn'),
        () => (isNew ? session.register(username.input.value.trim(), password.input.value)
          : session.signIn(username.input.value.trim(), password.input.value))),
      h('p', {class: 'switch'}, isNew ? t('haveAccount') : t('noAccount'), ' ',
        h('button', {
          type: 'button', class: 'link', onclick: () => {
            isNew = !isNew;
            show();
            card.querySelector('input').focus();
          },
        }, isNew ? t('signIn') : t('register'))));
  }
  show();

  return h('main', {class: 'auth'},
    h('div', {class: 'auth-brand'},
      h('img', {src: '/assets/icon.svg', alt: '', width: 56, height: 56}),
      h('h1', {}, 'ChatBench'),
      h('p', {}, t('tagline'))),
    isInvited && h('p', {class: 'banner', role: 'status'}, t('invitationFor')),
    card,
    h('div', {class: 'auth-settings'}, preferences(onlanguage)));
}

/** Language and appearance. */
export function preferences(onlanguage) {
  return [
    choice(t('language'), Object.entries(languages), currentLanguage(), (language) => {
      setLanguage(language);
      onlanguage();
    }).element,
    choice(t('theme'), themes.map((theme) => [theme, t(`theme_${theme}`)]), currentTheme(), setTheme).element,
  ];
}
