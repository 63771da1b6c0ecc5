// The same in Vue.

import { Fragment, createApp, h, ref } from 'vue';

createApp({
  setup() {
    const path = ref('home');
    const button = ref(true);
    const state = ref('idle');
    const link = (to, text) =>
      h('a', {
        href: `#${to}`,
        onClick: (event) => {
          event.preventDefault();
          history.pushState(null, '', `#${to}`);
          path.value = to;
        },
      }, text);
    return () =>
      h(Fragment, [
        h('nav', [link('home', 'Home'), ' ', link('prices', 'Prices')]),
        h('button', { onClick: () => (button.value = !button.value) }, 'Switch'),
        h('h2', path.value === 'home' ? 'Welcome' : 'What it costs'),
        button.value &&
          h('switchboard-call', {
            'data-key': 'pk_test',
            agent: 'agent_test_short',
            variables: JSON.stringify({ customer_name: 'Ada' }),
            'onSwitchboard:state': (event) => (state.value = event.detail.state),
          }),
        h('p', `Call: ${state.value}`),
      ]);
  },
}).mount('#app');
