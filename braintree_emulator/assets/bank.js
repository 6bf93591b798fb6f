// Send the issuer's result to the page that embeds this frame.
parent.postMessage({from: 'demo-bank', message: JSON.parse(document.getElementById('answer').dataset.message)}, '*');
