// The demo's stand-in for braintree-web's data-collector.js, which loads a script from paypal.com.
// A demo tells nobody anything: the device data has the shape of the real one and no content.
(() => {
  const create = async ({client}) => {
    const rawDeviceData = {correlation_id: client.getConfiguration().analyticsMetadata.sessionId.replaceAll('-', '').slice(0, 32)};
    return {deviceData: JSON.stringify(rawDeviceData), rawDeviceData, getDeviceData: async () => JSON.stringify(rawDeviceData), teardown: async () => {}};
  };
  window.braintree = Object.assign(window.braintree || {}, {dataCollector: {create, VERSION: '3.144.0'}});
})();
