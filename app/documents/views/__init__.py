from io import BytesIO

from flask import Blueprint, Response, send_file

from app.mail.attachments import Attachment

bp = Blueprint("documents", __name__)


def download(file: Attachment) -> Response:
    return send_file(BytesIO(file.content), file.media_type, as_attachment=True, download_name=file.name)
