// An SMPP centre: takes messages of those who know the password, tells what became of them
// (numbers that end with 777 are switched off, with 999 are none), and relays what is posted.
const http = require('http');
const smpp = require('smpp');

const [, , port, httpPort] = process.argv;
let gateway;
let messages = 0;

smpp.createServer({}, (session) => {
  session.on('error', () => {});
  session.on('enquire_link', (pdu) => session.send(pdu.response()));
  session.on('unbind', (pdu) => session.send(pdu.response()));
  session.on('bind_transceiver', (pdu) => {
    const known = pdu.system_id === 'clinic' && pdu.password === 'secret';
    session.send(pdu.response({ command_status: known ? smpp.ESME_ROK : smpp.ESME_RBINDFAIL }));
    if (known) gateway = session;
  });
  session.on('submit_sm', (pdu) => {
    if (pdu.destination_addr.endsWith('999')) {
      session.send(pdu.response({ command_status: smpp.ESME_RINVDSTADR }));
      return;
    }
    const id = `m${++messages}`;
    session.send(pdu.response({ message_id: id }));
    if (!pdu.registered_delivery) return;
    const state = pdu.destination_addr.endsWith('777') ? 'UNDELIV' : 'DELIVRD';
    setTimeout(() => session.deliver_sm({
      source_addr: pdu.destination_addr,
      destination_addr: pdu.source_addr,
      esm_class: 4,
      short_message: `id:${id} sub:001 dlvrd:001 submit date:2611280900 done date:2611280901 stat:${state} err:000 text:x`,
    }), 50);
  });
}).listen(Number(port), '127.0.0.1');

http.createServer((request, response) => {
  const query = new URL(request.url, 'http://localhost').searchParams;
  if (gateway && query.has('from')) {
    gateway.deliver_sm({
      source_addr: query.get('from'), destination_addr: '4930901820',
      source_addr_ton: 1, source_addr_npi: 1, short_message: query.get('text'),
    });
  }
  response.end(gateway ? 'bound' : 'waiting');
}).listen(Number(httpPort), '127.0.0.1');
