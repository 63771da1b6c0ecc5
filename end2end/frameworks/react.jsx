// A single-page app in React: a home page, a page of prices, and a switch that
// takes the call button out of the page and puts it back. `key` is React's own
// word, so the attribute is `data-key`.

import { StrictMode, useEffect, useRef, useState } from 'react';
import { createRoot } from 'react-dom/client';

function CallButton() {
  const element = useRef(null);
  const [state, setState] = useState('idle');
  useEffect(() => {
    const call = element.current;
    const hear = (event) => setState(event.detail.state);
    call.addEventListener('switchboard:state', hear);
    return () => call.removeEventListener('switchboard:state', hear);
  }, []);
  return (
    <>
      <switchboard-call ref={element} data-key="pk_test" agent="agent_test_short" variables={JSON.stringify({ customer_name: 'Ada' })} />
      <p>Call: {state}</p>
    </>
  );
}

function App() {
  const [path, setPath] = useState('home');
  const [button, setButton] = useState(true);
  const go = (to) => (event) => {
    event.preventDefault();
    history.pushState(null, '', `#${to}`);
    setPath(to);
  };
  return (
    <>
      <nav>
        <a href="#home" onClick={go('home')}>Home</a> <a href="#prices" onClick={go('prices')}>Prices</a>
      </nav>
      <button onClick={() => setButton(!button)}>Switch</button>
      <h2>{path === 'home' ? 'Welcome' : 'What it costs'}</h2>
      {button && <CallButton />}
    </>
  );
}

createRoot(document.querySelector('#app')).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
