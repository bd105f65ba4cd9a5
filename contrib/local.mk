# Example configuration, installed with the documentation, and the systemd units, if wanted.
nobase_dist_doc_DATA = contrib/lighttpd/penstock-socket.conf contrib/lighttpd/penstock-spawn.conf \
	contrib/lighttpd/penstock-cgi.conf contrib/apache/penstock-proxy-unix.conf \
	contrib/apache/penstock-proxy-tcp.conf contrib/apache/penstock-fcgid.conf \
	contrib/apache/penstock-cgi.conf contrib/apache/htaccess contrib/nginx/penstock.conf \
	contrib/systemd/penstock.service contrib/systemd/penstock.socket contrib/logrotate/penstock
EXTRA_DIST += contrib/quickstart contrib/build contrib/install-packages tests/run

# The files name /usr/bin, /etc and /run, as in a Debian package.
if INSTALL_UNITS
systemdsystemunit_DATA = contrib/units/penstock.service contrib/units/penstock.socket
CLEANFILES += $(systemdsystemunit_DATA)
UNIT_RULE = $(AM_V_GEN)mkdir -p contrib/units && $(SED) -e 's|/usr/bin/penstock|$(bindir)/penstock|' \
	-e 's|/etc/penstock|$(sysconfdir)/penstock|' -e 's|/run/penstock|$(runstatedir)/penstock|'
contrib/units/penstock.service: contrib/systemd/penstock.service
	$(UNIT_RULE) $(srcdir)/contrib/systemd/penstock.service >$@
contrib/units/penstock.socket: contrib/systemd/penstock.socket
	$(UNIT_RULE) $(srcdir)/contrib/systemd/penstock.socket >$@
endif
