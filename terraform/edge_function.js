// Runs at CloudFront's edge before every request below /api/: says who the visitor is, and proves it.
//
// API Gateway sees only the CloudFront machine that passed the request on. The event collector believes these
// headers when the secret is right; the secret is in the key value store and nowhere in this file.
import cf from 'cloudfront';

const store = cf.kvs();

async function handler(event) {
  const request = event.request;
  const headers = request.headers;

  // What the visitor sent under these names goes no further.
  delete headers['x-liveinsight-origin-secret'];
  delete headers['x-liveinsight-viewer-address'];
  delete headers['x-liveinsight-viewer-country'];

  let secret;
  try {
    secret = await store.get('origin-secret');
  } catch (missing) {
    return request; // before the first deploy has ended; the collector then goes by what API Gateway says
  }

  headers['x-liveinsight-origin-secret'] = { value: secret };
  headers['x-liveinsight-viewer-address'] = { value: event.viewer.ip };
  const country = headers['cloudfront-viewer-country'];
  if (country) {
    headers['x-liveinsight-viewer-country'] = { value: country.value };
  }
  return request;
}
