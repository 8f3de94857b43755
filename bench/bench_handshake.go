// bench_handshake.go: the same as bench_handshake.c with what Go's standard library has: microseconds of processor time for one
// hybrid key exchange X25519MLKEM768, as crypto/tls does it, and for one handshake of TLS 1.3 with it.
//
//	bench_handshake exchange|handshake ROUNDS
package main

import (
	"bytes"
	"crypto/ecdh"
	"crypto/ed25519"
	"crypto/mlkem"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"math/big"
	"net"
	"os"
	"strconv"
	"syscall"
	"time"
)

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func cpuUs() float64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1e3
}

func exchange() {
	curve := ecdh.X25519()
	clientM, clientX := must(mlkem.GenerateKey768()), must(curve.GenerateKey(rand.Reader))
	share := append(clientM.EncapsulationKey().Bytes(), clientX.PublicKey().Bytes()...)

	serverX := must(curve.GenerateKey(rand.Reader))
	peerX := must(curve.NewPublicKey(share[mlkem.EncapsulationKeySize768:]))
	serverSecretX := must(serverX.ECDH(peerX))
	peerM := must(mlkem.NewEncapsulationKey768(share[:mlkem.EncapsulationKeySize768]))
	serverSecretM, cipher := peerM.Encapsulate()

	secretM := must(clientM.Decapsulate(cipher))
	secretX := must(clientX.ECDH(must(curve.NewPublicKey(serverX.PublicKey().Bytes()))))
	if !bytes.Equal(secretM, serverSecretM) || !bytes.Equal(secretX, serverSecretX) {
		panic("the secrets differ")
	}
}

func handshakes() func() {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"peer"}, NotAfter: time.Now().Add(time.Hour)}
	der := must(x509.CreateCertificate(rand.Reader, template, template, key.Public(), key))
	roots := x509.NewCertPool()
	roots.AddCert(must(x509.ParseCertificate(der)))
	hybrid := []tls.CurveID{tls.X25519MLKEM768}
	server := &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}},
		MinVersion: tls.VersionTLS13, CurvePreferences: hybrid, SessionTicketsDisabled: true}
	client := &tls.Config{RootCAs: roots, ServerName: "peer", MinVersion: tls.VersionTLS13, CurvePreferences: hybrid}
	return func() {
		here, there := net.Pipe()
		done := make(chan error)
		go func() { done <- tls.Server(there, server).Handshake() }()
		if err := tls.Client(here, client).Handshake(); err != nil {
			panic(err)
		}
		if err := <-done; err != nil {
			panic(err)
		}
	}
}

func main() {
	rounds := must(strconv.Atoi(os.Args[2]))
	run := exchange
	if os.Args[1] == "handshake" {
		run = handshakes()
	}
	run()
	start := cpuUs()
	for range rounds {
		run()
	}
	fmt.Printf("%.3f\n", (cpuUs()-start)/float64(rounds))
}
