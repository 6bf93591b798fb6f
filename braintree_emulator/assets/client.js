// Replaces braintree-web's client.js, which refuses every gateway that is not on Braintree's hosts. For the genuine
// hosted-fields.js and three-d-secure.js it does what that does: read the configuration, and send requests.
(() => {
  const VERSION = '3.144.0', FINGERPRINT = 'authorizationFingerprint';
  const here = new URL('.', document.currentScript.src).href.replace(/\/$/, '');
  const absolute = url => url && new URL(url, location.href).href.replace(/\/$/, '');
  const fault = (type, code, message, details) => Object.assign(new Error(message), {name: 'BraintreeError', type, code, details});

  // The real hosted-fields.js listens to frames on this page's origin or on Braintree's: when another
  // local gateway issued the token, its API is used, and the card fields are this page's own.
  const localized = gateway => {
    const own = url => new URL(url).origin === location.origin ? url : here;
    gateway.clientApiUrl = absolute(gateway.clientApiUrl);
    gateway.assetsUrl = own(absolute(gateway.assetsUrl) || here);
    if (gateway.graphQL?.url) gateway.graphQL.url = absolute(gateway.graphQL.url);
    const secure = gateway.threeDSecure;
    if (secure) {
      const songbird = absolute(secure.cardinalSongbirdUrl);
      secure.cardinalSongbirdUrl = songbird && new URL(songbird).origin === location.origin ? songbird : `${here}/edge/v1/songbird.js`;
      delete secure.cardinalSongbirdIdentityHash;
    }
    return gateway;
  };

  class Client {
    #configuration;
    constructor(configuration) { this.#configuration = JSON.stringify(configuration); }
    getConfiguration() { return JSON.parse(this.#configuration); }
    toJSON() { return this.getConfiguration(); }
    getVersion() { return VERSION; }
    teardown() { return Promise.resolve(); }
    // The other scripts use this for telemetry only, which an emulator does not send.
    _request(options, callback) { callback?.(null, {}, 204); }
    async request({endpoint, method, data, timeout = 60000}, callback) {
      const configuration = this.getConfiguration(), url = `${configuration.gatewayConfiguration.clientApiUrl}/v1/${endpoint}`;
      const body = {...data, _meta: configuration.analyticsMetadata, braintreeLibraryVersion: `braintree/web/${VERSION}`, [FINGERPRINT]: configuration[FINGERPRINT]};
      const answer = await ask(url, {method: method.toUpperCase(), body: JSON.stringify(body), headers: {'Content-Type': 'application/json'}, signal: AbortSignal.timeout(timeout)})
        .catch(error => { if (!callback) throw error; callback(error, null, error.details?.httpStatus); });
      if (callback && answer) callback(null, answer, answer._httpStatus);
      return answer;
    }
  }

  const ask = async (url, options) => {
    let response, data;
    try {
      response = await fetch(url, {credentials: 'omit', ...options});
      data = await response.json();
    } catch (error) {
      throw fault('NETWORK', 'CLIENT_GATEWAY_NETWORK', 'Cannot contact the gateway at this time.', {originalError: error, httpStatus: response?.status});
    }
    if (response.ok) return {_httpStatus: response.status, ...data};
    const details = {httpStatus: response.status, originalError: data};
    if (response.status === 401) throw fault('MERCHANT', 'CLIENT_AUTHORIZATION_INVALID', 'Either the client token has expired or is wrong.', details);
    if (response.status >= 500) throw fault('NETWORK', 'CLIENT_GATEWAY_NETWORK', 'Cannot contact the gateway at this time.', details);
    throw fault('UNKNOWN', 'CLIENT_REQUEST_ERROR', 'There was a problem with your request.', details);
  };

  const create = async ({authorization}) => {
    let token;
    try { token = JSON.parse(atob(authorization)); } catch { throw fault('MERCHANT', 'CLIENT_INVALID_AUTHORIZATION', 'Authorization is invalid.'); }
    const analyticsMetadata = {merchantAppId: location.host, platform: 'web', sdkVersion: VERSION, source: 'client', integration: 'custom', integrationType: 'custom', sessionId: crypto.randomUUID()};
    const url = new URL(absolute(token.configUrl));
    url.searchParams.set(FINGERPRINT, token[FINGERPRINT]);
    url.searchParams.set('configVersion', '3');
    const {_httpStatus, ...gateway} = await ask(url.href, {});
    return new Client({authorizationType: 'CLIENT_TOKEN', authorization, [FINGERPRINT]: token[FINGERPRINT], analyticsMetadata, gatewayConfiguration: localized(gateway)});
  };

  window.braintree = Object.assign(window.braintree || {}, {client: {create, VERSION}});
})();
