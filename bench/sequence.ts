// A web call as the official browser SDK makes it, step after step: create the
// call, ask for the microphone, offer, post, answer. Written from the wire
// protocol; the SDK itself speaks only to Retell's own address. Kind to it:
// its code is in the page already, and nothing of its 126 KB is downloaded.

export interface Mint {
  url: string;
  key: string;
  agent: string;
}

export interface MintedCall {
  call_id: string;
  access_token: string;
  gateway_url: string;
  ice_servers: RTCIceServer[];
  ticket: string;
}

/** Runs in the page. Gives back the call once its offer is answered. */
export async function callInSequence(mint: Mint): Promise<MintedCall> {
  const created = await fetch(`${mint.url}/api/public/web-calls`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ key: mint.key, agent_id: mint.agent }),
  });
  if (!created.ok) throw new Error(`mint: ${created.status} ${await created.text()}`);
  const call = (await created.json()) as MintedCall;

  const microphone = await navigator.mediaDevices.getUserMedia({
    audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true },
  });
  const peer = new RTCPeerConnection({ iceServers: call.ice_servers });
  peer.addEventListener('track', ({ track, streams }) => {
    const audio = new Audio();
    audio.srcObject = streams[0] ?? new MediaStream([track]);
    void audio.play();
  });
  peer.createDataChannel('control');
  for (const track of microphone.getAudioTracks()) peer.addTrack(track, microphone);

  const sessions = `${call.gateway_url}/webrtc-proxy/${call.call_id}/v1/webrtc/sessions`;
  const headers = { authorization: `Bearer ${call.access_token}`, 'content-type': 'application/json' };
  const early: RTCIceCandidate[] = [];
  let trickle = (candidate: RTCIceCandidate) => void early.push(candidate);
  peer.addEventListener('icecandidate', ({ candidate }) => candidate && trickle(candidate));

  await peer.setLocalDescription(await peer.createOffer());
  const posted = await fetch(sessions, {
    method: 'POST',
    headers,
    body: JSON.stringify({ identity: 'client', sdp: peer.localDescription?.sdp }),
  });
  if (!posted.ok) throw new Error(`offer: ${posted.status} ${await posted.text()}`);
  const { session_id, sdp } = (await posted.json()) as { session_id: string; sdp: string };
  trickle = (candidate) =>
    void fetch(`${sessions}/${session_id}`, {
      method: 'PATCH',
      headers,
      body: JSON.stringify({ candidate: candidate.toJSON() }),
    });
  for (const candidate of early) trickle(candidate);
  await peer.setRemoteDescription({ type: 'answer', sdp });
  return call;
}
